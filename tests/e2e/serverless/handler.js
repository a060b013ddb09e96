"use strict";

exports.echo = async (event, context) => ({event, name: context.functionName, version: context.functionVersion});

exports.failing = async () => {
  throw new TypeError("bad id");
};

exports.slow = () => new Promise((done) => setTimeout(done, 5000, "too late"));

exports.big = async (event) => "x".repeat(event.length);
