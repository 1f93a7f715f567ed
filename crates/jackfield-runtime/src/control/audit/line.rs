//! The members of a record's JSON object.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::chain::AuditKey;
use crate::common::caller::Channel;
use crate::common::timestamp::Timestamp;
use crate::engine::policy::audit::{AuditEvent, AuditRecord};
use crate::engine::request::TargetKind;

/// The most characters of a text that comes from a caller.
const LONGEST: usize = 512;

/// The members of a record of a call, without the braces around them.
pub(crate) fn fields(record: &AuditRecord, key: &AuditKey, time: SystemTime) -> String {
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| {
        if !value.is_null() {
            members.insert(name.to_owned(), value);
        }
    };
    let caller = &record.caller;
    add("time", json!(Timestamp::of(time).to_string()));
    let (event, outcome, reply) = match &record.event {
        AuditEvent::Intent => ("intent", None, None),
        AuditEvent::Refused(code) => ("refused", Some(code.as_str()), None),
        AuditEvent::Ended { code, reply } => ("ended", Some(code.as_str()), reply.as_ref()),
    };
    add("event", json!(event));
    add("call", json!(record.call));
    add("outcome", json!(outcome));
    add("principal", json!(shortened(&caller.principal().to_string())));
    add("channel", json!(channel(caller.channel())));
    add("client", json!(caller.agent().map(|agent| shortened(&format!("{} {}", agent.name, agent.version)))));
    add("kind", json!(kind(record.kind)));
    add("name", json!(shortened(&record.name)));
    add("effect", json!(record.effect.map(|effect| effect.as_str())));
    if let Some(destination) = &record.destination {
        add("method", json!(Some(&destination.method).filter(|method| !method.is_empty())));
        add("origin", json!(destination.origin));
        add("path", json!(shortened(&destination.path)));
    }
    match &record.shown_arguments {
        Some(arguments) => add("arguments", Value::clone(arguments)),
        None => add("arguments_digest", json!(key.arguments(&record.arguments))),
    }
    add("approval", json!(record.approval));
    add("rule", json!(record.rule.as_deref().map(shortened)));
    add("attempts", json!(Some(record.attempts).filter(|attempts| *attempts > 1)));
    if let Some(reply) = reply {
        add("status", json!(reply.status));
        add("bytes", json!(reply.bytes));
        add("request_id", json!(reply.request_id));
    }
    if !matches!(record.event, AuditEvent::Intent) {
        let milliseconds = record.duration.as_micros() as f64 / 1000.0;
        add("milliseconds", json!(milliseconds));
    }
    inner(&members)
}

/// The members of an object without the braces around them.
pub(crate) fn inner(members: &Map<String, Value>) -> String {
    let text = serde_json::to_string(members).unwrap_or_default();
    text.get(1..text.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

const fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Stdio => "stdio",
        Channel::Http => "http",
        Channel::CommandLine => "command line",
    }
}

const fn kind(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Tool => "tool",
        TargetKind::Resource => "resource",
        TargetKind::Prompt => "prompt",
        TargetKind::Completion => "completion",
    }
}
