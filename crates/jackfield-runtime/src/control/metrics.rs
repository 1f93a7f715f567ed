//! Metrics in the text format of Prometheus, with the names of OpenTelemetry's conventions for MCP.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::common::caller::Channel;
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::policy::observe::{Observe, ObservedCall};
use crate::engine::request::TargetKind;

/// The upper bounds of the histogram buckets in seconds, as the conventions recommend.
const BOUNDS: [f64; 13] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0];

/// The maximum number of series. Tool names are known, so only a service with very many tools reaches the maximum.
/// Further calls are counted without a tool name.
const MAX_SERIES: usize = 20_000;

/// Counts calls and measures their durations.
#[derive(Debug, Default)]
pub struct Metrics {
    active: AtomicU64,
    calls: Mutex<BTreeMap<Series, Durations>>,
}

/// The labels of a series. Every label has a limited set of values: a tool name is always the name of a known tool.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    method: &'static str,
    tool: Option<Box<str>>,
    transport: &'static str,
    error: Option<&'static str>,
}

#[derive(Clone, Debug, Default)]
struct Durations {
    /// The number of calls in each bucket, not cumulated. The last bucket counts the calls above all bounds.
    buckets: [u64; BOUNDS.len() + 1],
    seconds: f64,
}

impl Observe for Metrics {
    fn text(&self) -> Option<String> {
        Some(Self::text(self))
    }

    fn began(&self) {
        self.active.fetch_add(1, Ordering::Relaxed);
    }

    fn ended(&self, call: &ObservedCall<'_>) {
        self.active.fetch_sub(1, Ordering::Relaxed);
        let is_tool = call.is_known && call.kind == TargetKind::Tool;
        let mut series = Series {
            method: method(call.kind),
            tool: is_tool.then(|| call.name.into()),
            transport: transport(call.channel),
            error: (call.code != OutcomeCode::Done).then_some(call.code.as_str()),
        };
        let seconds = call.duration.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() >= MAX_SERIES && !calls.contains_key(&series) {
            series.tool = None;
        }
        let durations = calls.entry(series).or_default();
        durations.buckets[bucket] += 1;
        durations.seconds += seconds;
    }
}

impl Metrics {
    /// Returns the metrics in the text format that Prometheus scrapes.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# HELP mcp_server_operation_duration_seconds Duration of MCP requests as the server sees them.\n\
             # TYPE mcp_server_operation_duration_seconds histogram\n",
        );
        // The counts are copied first, so that the lock is held briefly: formatting many series takes
        // milliseconds.
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (series, durations) in &calls {
            let labels = series.labels();
            let mut total = 0;
            let bounds = BOUNDS.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
            for (bound, count) in bounds.zip(durations.buckets) {
                total += count;
                let _ = writeln!(
                    text,
                    "mcp_server_operation_duration_seconds_bucket{{{labels},le=\"{bound}\"}} {total}"
                );
            }
            let seconds = durations.seconds;
            let _ = writeln!(text, "mcp_server_operation_duration_seconds_sum{{{labels}}} {seconds}");
            let _ = writeln!(text, "mcp_server_operation_duration_seconds_count{{{labels}}} {total}");
        }
        let active = self.active.load(Ordering::Relaxed);
        let _ = write!(
            text,
            "# HELP mcp_server_active_requests Calls that have begun and not ended.\n\
             # TYPE mcp_server_active_requests gauge\n\
             mcp_server_active_requests {active}\n"
        );
        text
    }
}

impl Series {
    fn labels(&self) -> String {
        let mut labels =
            format!("mcp_method_name=\"{}\",network_transport=\"{}\"", self.method, self.transport);
        if let Some(tool) = &self.tool {
            let _ = write!(labels, ",gen_ai_tool_name=\"{}\"", escaped(tool));
        }
        if let Some(error) = self.error {
            let _ = write!(labels, ",error_type=\"{error}\"");
        }
        labels
    }
}

/// Escapes the value of a label, because hand-written tools may have any name.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

const fn method(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Tool => "tools/call",
        TargetKind::Resource => "resources/read",
        TargetKind::Prompt => "prompts/get",
        TargetKind::Completion => "completion/complete",
    }
}

const fn transport(channel: Channel) -> &'static str {
    match channel {
        Channel::Http => "tcp",
        Channel::Stdio | Channel::CommandLine => "pipe",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jackfield_recipe::Effect;
    use std::time::Duration;

    fn call<'a>(name: &'a str, code: OutcomeCode, milliseconds: u64) -> ObservedCall<'a> {
        ObservedCall {
            kind: TargetKind::Tool,
            name,
            is_known: code != OutcomeCode::Unknown,
            effect: Some(Effect::Read),
            channel: Channel::Http,
            code,
            status: Some(200),
            duration: Duration::from_millis(milliseconds),
        }
    }

    #[test]
    fn calls_are_counted_by_tool_and_outcome() {
        let metrics = Metrics::default();
        (0..4).for_each(|_| metrics.began());
        metrics.ended(&call("get_book", OutcomeCode::Done, 15));
        metrics.ended(&call("get_book", OutcomeCode::Done, 90_000));
        metrics.ended(&call("get_book", OutcomeCode::NotPermitted, 1));
        let text = metrics.text();
        for line in [
            r#"mcp_server_operation_duration_seconds_bucket{mcp_method_name="tools/call",network_transport="tcp",gen_ai_tool_name="get_book",le="0.01"} 0"#,
            r#"mcp_server_operation_duration_seconds_bucket{mcp_method_name="tools/call",network_transport="tcp",gen_ai_tool_name="get_book",le="0.02"} 1"#,
            r#"mcp_server_operation_duration_seconds_bucket{mcp_method_name="tools/call",network_transport="tcp",gen_ai_tool_name="get_book",le="+Inf"} 2"#,
            r#"mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",network_transport="tcp",gen_ai_tool_name="get_book"} 2"#,
            r#"mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",network_transport="tcp",gen_ai_tool_name="get_book",error_type="not_permitted"} 1"#,
            "mcp_server_active_requests 1",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
    }

    #[test]
    fn unknown_tool_names_from_clients_do_not_become_metric_labels() {
        let metrics = Metrics::default();
        for at in 0..1000 {
            metrics.ended(&call(&format!("invented{at}"), OutcomeCode::Unknown, 1));
        }
        assert!(!metrics.text().contains("invented"));
        assert_eq!(metrics.calls.lock().unwrap().len(), 1);
        assert_eq!(escaped("a\"b\\c\nd"), r#"a\"b\\c\nd"#);
    }
}
