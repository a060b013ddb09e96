#!/usr/bin/env python3
"""Makes orders.jsonl: 5,000 order documents, the same ones on every run. usage: make_orders.py > orders.jsonl"""
import json
import random

FIRST = "Ada Bo Chiara Dmitri Elif Fatou Grace Hugo Ines Jonas Kofi Lena Mateo Nadia Oskar Priya Quentin Rosa Søren Tomás Uma Viktor Wanda Xin Yusuf Zoë".split()
LAST = "Almeida Berg Costa Diallo Eriksen Fontaine García Haas Ivanova Jansen Kowalski Lindqvist Müller Nakamura O'Neill Petrov Quist Rossi Schmidt Tanaka".split()
GOODS = [("kettle", 34.9), ("lamp", 59.0), ("desk", 249.0), ("chair", 129.5), ("notebook", 4.25), ("pen \"fine\"", 2.1), ("mug", 9.99), ("rug 2×3", 180.0)]
CITIES = [("Oslo", "NO", "NOK"), ("Lisboa", "PT", "EUR"), ("Zürich", "CH", "CHF"), ("Kraków", "PL", "PLN"), ("Gent", "BE", "EUR"), ("Malmö", "SE", "SEK")]

chance = random.Random(20261122)
for number in range(1, 5001):
    city, country, currency = chance.choice(CITIES)
    items = [{"sku": f"{name[:2].upper()}-{chance.randrange(100, 999)}", "name": name, "quantity": chance.randint(1, 4), "price": price}
             for name, price in chance.sample(GOODS, chance.randint(1, 3))]
    total = round(sum(item["quantity"] * item["price"] for item in items), 2)
    print(json.dumps({
        "doc": {"id": number, "type": "order", "created": f"2026-11-{chance.randint(1, 21):02}T{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}Z",
                "currency": currency, "total": total, "items": items},
        "user": {"name": f"{chance.choice(FIRST)} {chance.choice(LAST)}", "city": city, "country": country},
    }, ensure_ascii=False, separators=(",", ":")))
