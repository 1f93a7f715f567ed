//! Serializes the members of a record's JSON object.

use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Map, Value};

use super::chain::AuditKey;
use super::unusual::Unusual;
use crate::common::caller::{Caller, Channel};
use crate::common::network::shown_network;
use crate::common::timestamp::Timestamp;
use crate::engine::policy::audit::{
    AccountChange, AuditEvent, AuditRecord, FailedAuthentications, ListPart, ReplySource,
};

/// The maximum number of characters of a string that comes from a caller.
const LONGEST: usize = 512;

/// The members of a JSON object, without the braces around them. They are serialized without an intermediate value,
/// because every call writes two records.
#[derive(Default)]
struct Members(Vec<u8>);

impl Members {
    fn name(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    /// Adds a member. Its name must not need escapes.
    fn add(&mut self, name: &str, value: impl Serialize) {
        self.name(name);
        // Writing to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.0, &value);
    }

    fn add_if(&mut self, name: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    fn add_caller(&mut self, caller: &Caller) {
        self.add("principal", shortened(&caller.principal().to_string()));
        self.add("channel", channel(caller.channel()));
        let client = caller.agent().map(|agent| format!("{} {}", agent.name, agent.version));
        self.add_if("client", client.as_deref().map(shortened));
        self.add_if("address", caller.address().map(shown_network));
    }

    fn into_text(self) -> String {
        String::from_utf8(self.0).unwrap_or_default()
    }
}

/// Returns the members of a call's record, without the braces around them.
pub(crate) fn fields(record: &AuditRecord, key: &AuditKey, time: SystemTime) -> String {
    let mut members = Members(Vec::with_capacity(640));
    let caller = &record.caller;
    members.add("time", Timestamp::of(time).to_string());
    let (event, outcome, reply) = match &record.event {
        AuditEvent::Intent => ("intent", None, None),
        AuditEvent::Refused(code) => ("refused", Some(code.as_str()), None),
        AuditEvent::Ended { code, reply } => ("ended", Some(code.as_str()), reply.as_ref()),
    };
    members.add("event", event);
    members.add("call", record.call);
    members.add_if("outcome", outcome);
    members.add_caller(caller);
    members.add_if("trace", record.trace.as_deref());
    members.add("kind", record.kind.as_str());
    members.add("name", shortened(&record.name));
    members.add_if("operation", record.operation.as_deref().map(shortened));
    if let Some(attached) = &record.attached {
        members.add("connector", &attached.connector);
        members.add("tool", shortened(&attached.name));
    }
    members.add_if("effect", record.effect.map(|effect| effect.as_str()));
    if let Some(destination) = &record.destination {
        members.add_if("method", Some(&destination.method).filter(|method| !method.is_empty()));
        members.add("origin", &destination.origin);
        members.add("path", shortened(&destination.path));
    }
    match &record.shown_arguments {
        Some(arguments) => members.add("arguments", &**arguments),
        None => members.add("arguments_digest", key.arguments(&record.arguments)),
    }
    members.add_if("approval", record.approval.as_deref());
    members.add_if("rule", record.rule.as_deref().map(shortened));
    let source = reply.map_or(ReplySource::Service, |reply| reply.source);
    let is_usual = record.attempts == 1 || record.attempts == 0 && source != ReplySource::Memory;
    members.add_if("requests", Some(record.attempts).filter(|_| !is_usual));
    members.add_if("from", Some(source.as_str()).filter(|_| source != ReplySource::Service));
    if let Some(reply) = reply {
        members.add("status", reply.status);
        members.add("bytes", reply.bytes);
        members.add_if("request_id", reply.request_id.as_deref());
    }
    members.add_if("bytes", record.answer_bytes.filter(|_| reply.is_none()));
    if !matches!(record.event, AuditEvent::Intent) {
        members.add("milliseconds", record.duration.as_micros() as f64 / 1000.0);
    }
    members.into_text()
}

/// Returns the members of a record about a returned list of tools, without the braces around them.
pub(crate) fn list_fields(caller: &Caller, parts: &[ListPart], time: SystemTime) -> String {
    let mut members = Members::default();
    members.add("time", Timestamp::of(time).to_string());
    members.add("event", "listed");
    members.add_caller(caller);
    let parts = parts.iter().map(|part| {
        let mut members = Members::default();
        members.add_if("connector", part.connector.as_deref());
        members.add("tools", part.tools);
        members.add("bytes", part.bytes);
        format!("{{{}}}", members.into_text())
    });
    members.name("parts");
    members.0.extend_from_slice(format!("[{}]", parts.collect::<Vec<_>>().join(",")).as_bytes());
    members.into_text()
}

/// Returns the members of a record about an account at another server, without the braces around them.
pub(crate) fn account_fields(change: &AccountChange, time: SystemTime) -> String {
    let mut members = Members::default();
    members.add("time", Timestamp::of(time).to_string());
    members.add("event", "account");
    members.add("action", change.action.as_str());
    members.add("principal", shortened(&change.owner.to_string()));
    members.add("channel", channel(change.channel));
    members.add_if("address", change.address.map(shown_network));
    members.add("connector", &change.connector);
    members.add_if("origin", change.origin.as_deref().map(shortened));
    members.into_text()
}

/// Returns the members of a record about unusual activity, without the braces around them.
pub(crate) fn unusual_fields(unusual: &Unusual, time: SystemTime) -> String {
    let mut members = Members::default();
    members.add("time", Timestamp::of(time).to_string());
    members.add("event", "unusual");
    members.add("principal", shortened(&unusual.principal));
    members.add("kind", unusual.kind.as_str());
    members.add("reason", &unusual.reason);
    members.into_text()
}

/// Returns the members of a record about clients that failed to authenticate, without the braces around them.
pub(crate) fn failed_fields(failed: &FailedAuthentications, time: SystemTime) -> String {
    let mut members = Members::default();
    members.add("time", Timestamp::of(time).to_string());
    members.add("event", "refused");
    members.add("outcome", "not_authenticated");
    members.add("channel", channel(Channel::Http));
    members.add_if("address", failed.address.as_deref());
    members.add("reason", failed.reason);
    members.add("attempts", failed.attempts);
    members.into_text()
}

/// Returns the members of an object, without the braces around them.
pub(crate) fn inner(members: &Map<String, Value>) -> String {
    let text = serde_json::to_string(members).unwrap_or_default();
    text.get(1..text.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

fn shortened(text: &str) -> &str {
    text.char_indices().nth(LONGEST).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

const fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Stdio => "stdio",
        Channel::Http => "http",
        Channel::CommandLine => "command line",
    }
}
