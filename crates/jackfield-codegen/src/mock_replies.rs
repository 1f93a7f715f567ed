//! Replies for a mock of the API, and the test that calls each tool against that mock.

use jackfield_mock::{Definitions, Replies, Reply};
use jackfield_model::{Connector, ConnectorName, Defs, Operation, Status, side_by_side};
use jackfield_surface::{NamedTool, Surface};
use serde_json::Value;

/// The path of the replies in a connector's crate.
pub const REPLIES_FILE: &str = "tests/replies.json";

/// The schemas of replies.
struct Pool<'m>(&'m Defs);

impl Definitions for Pool<'_> {
    fn schema(&self, name: &str) -> Option<&Value> {
        self.0.get(name).map(jackfield_model::Schema::as_value)
    }
}

/// Creates a reply for each operation: the example of the document, or a value that fits the schema.
pub fn mock_replies(connector: &Connector, surface: &Surface<'_>) -> Replies {
    let tools: Vec<&NamedTool<'_>> = surface.tools().collect();
    let made = side_by_side(tools.iter(), tools.len(), |(), tool| {
        (tool.name.to_string(), reply(tool.operation, &Pool(&connector.pool.receive)))
    });
    let mut replies = Replies::default();
    made.into_iter().for_each(|(tool, reply)| replies.add(tool, reply));
    replies
}

fn reply(operation: &Operation, pool: &Pool<'_>) -> Reply {
    let Some(reply) = success(operation) else { return Reply::empty(204) };
    let status = match reply.status {
        Status::Code(code) => code,
        Status::Range(hundred) => u16::from(hundred) * 100,
        Status::Default => 200,
    };
    let schema = reply.schema.as_ref().map(jackfield_model::Schema::as_value);
    match &reply.media_type {
        None => Reply::empty(if status == 200 { 204 } else { status }),
        Some(media_type) => Reply::sampled(status, media_type, schema, reply.example.as_ref(), pool),
    }
}

/// Returns the first reply that means success, or else the default reply.
fn success(operation: &Operation) -> Option<&jackfield_model::Reply> {
    let replies = &operation.replies;
    let is_success = |status: &Status| matches!(status, Status::Code(200..=299) | Status::Range(2));
    let first = replies.iter().find(|reply| is_success(&reply.status));
    first.or_else(|| replies.iter().find(|reply| reply.status == Status::Default))
}

/// Returns the source of the test in a connector's crate that calls each tool.
pub(crate) fn tools_test(name: &ConnectorName) -> String {
    jackfield_templates::TOOLS_TEST.text.replace("{{crate}}", &name.as_str().replace('-', "_"))
}
