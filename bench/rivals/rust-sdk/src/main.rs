//! The same work through the AWS SDK for Rust on one current-thread runtime: a fixed number of invocations in flight,
//! one JSON line at the end. The SDK's connection pool has no limit of idle connections by default, so that the only
//! thing "tuned" changes is the watch for stalled streams, which it turns off.
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig};
use aws_sdk_lambda::primitives::Blob;
use aws_smithy_http_client::tls::{rustls_provider::CryptoMode, Provider, TlsContext, TrustStore};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Tally {
    measuring: Cell<bool>,
    stopped: Cell<bool>,
    failures: Cell<u64>,
    latencies_us: RefCell<Vec<f64>>,
}

struct Arguments(HashMap<String, String>);

impl Arguments {
    fn read() -> Self {
        let mut found = HashMap::new();
        let mut words = std::env::args().skip(1).peekable();
        while let Some(word) = words.next() {
            let value = words.next_if(|next| !next.starts_with("--")).unwrap_or_default();
            found.insert(word.trim_start_matches("--").to_string(), value);
        }
        Self(found)
    }
    fn text(&self, name: &str, otherwise: &str) -> String {
        self.0.get(name).cloned().unwrap_or_else(|| otherwise.to_string())
    }
    fn number(&self, name: &str, otherwise: f64) -> f64 {
        self.0.get(name).map_or(otherwise, |text| text.parse().expect(name))
    }
}

fn payload_of(bytes: usize) -> Blob {
    let filling = bytes.saturating_sub(r#"{"data":""}"#.len());
    Blob::new(format!(r#"{{"data":"{}"}}"#, "x".repeat(filling)))
}

fn client(arguments: &Arguments) -> aws_sdk_lambda::Client {
    let ca_file = arguments.text("ca-file", "");
    let mut tls = TlsContext::builder();
    if !ca_file.is_empty() {
        let pem = std::fs::read(&ca_file).expect("the CA file");
        tls = tls.with_trust_store(TrustStore::empty().with_pem_certificate(pem));
    }
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(tls.build().expect("TLS settings"))
        .build_https();
    let id = std::env::var("AWS_ACCESS_KEY_ID").unwrap_or_default();
    let secret = std::env::var("AWS_SECRET_ACCESS_KEY").unwrap_or_default();
    let mut config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(arguments.text("endpoint", "https://127.0.0.1:9444"))
        .credentials_provider(Credentials::new(id, secret, None, None, "bench"))
        .http_client(http);
    if arguments.text("variant", "tuned") == "tuned" {
        config = config.stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    }
    aws_sdk_lambda::Client::from_conf(config.build())
}

fn usage() -> (f64, f64) {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let seconds = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) as f64
        + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) as f64 / 1e6;
    (seconds, usage.ru_maxrss as f64 / 1024.0)
}

async fn invoke_until_stopped(client: aws_sdk_lambda::Client, payload: Blob, tally: Rc<Tally>) {
    while !tally.stopped.get() {
        let begun = Instant::now();
        let reply = client.invoke().function_name("bench").payload(payload.clone()).send().await;
        if !tally.measuring.get() {
            continue;
        }
        match reply {
            Ok(_) => tally.latencies_us.borrow_mut().push(begun.elapsed().as_nanos() as f64 / 1e3),
            Err(_) => tally.failures.set(tally.failures.get() + 1),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::read();
    let client = client(&arguments);
    let payload = payload_of(arguments.number("payload-size", 256.0) as usize);
    if arguments.0.contains_key("once") {
        let reply = client.invoke().function_name("bench").payload(payload).send().await.expect("an answer");
        println!("{}", String::from_utf8_lossy(reply.payload().expect("a payload").as_ref()));
        return;
    }
    tokio::task::LocalSet::new().run_until(measure(arguments, client, payload)).await;
}

async fn measure(arguments: Arguments, client: aws_sdk_lambda::Client, payload: Blob) {
    let tally = Rc::new(Tally::default());
    let mut workers = Vec::new();
    for _ in 0..arguments.number("in-flight", 64.0) as usize {
        workers.push(tokio::task::spawn_local(invoke_until_stopped(client.clone(), payload.clone(), tally.clone())));
    }
    tokio::time::sleep(Duration::from_secs_f64(arguments.number("warmup", 1.0))).await;
    let (cpu_before, begun) = (usage().0, Instant::now());
    tally.measuring.set(true);
    tokio::time::sleep(Duration::from_secs_f64(arguments.number("duration", 5.0))).await;
    tally.measuring.set(false);
    let seconds = begun.elapsed().as_secs_f64();
    let (cpu_after, megabytes) = usage();
    tally.stopped.set(true);
    for worker in workers {
        worker.await.expect("a worker's end");
    }

    let mut all = tally.latencies_us.take();
    all.sort_by(f64::total_cmp);
    let quantile = |q: f64| all.get(((q * all.len() as f64) as usize).min(all.len().max(1) - 1)).copied().unwrap_or(0.0);
    let name = format!("rust-sdk-{}", arguments.text("variant", "tuned"));
    println!(
        "{}",
        serde_json::json!({
            "name": name, "version": aws_sdk_lambda::meta::PKG_VERSION,
            "requests": all.len(), "seconds": seconds, "errors": tally.failures.get(),
            "cpu_us_per_request": (cpu_after - cpu_before) * 1e6 / all.len().max(1) as f64, "rss_mb": megabytes,
            "latency_us": {"p50": quantile(0.5), "p90": quantile(0.9), "p99": quantile(0.99), "p999": quantile(0.999),
                           "max": quantile(1.0)},
        })
    );
}
