//! Parses responses. A malformed response is dropped, and the operation is kept.

use jackfield_model::text::json_length;
use jackfield_model::{Code, Diagnostic, Reply, Status};
use serde_json::{Map, Value};

use super::context::Context;
use super::schema::Projection;
use crate::dialect::{Dialect, swagger2};
use crate::document::Node;

/// Parses the declared responses, in the order of the document.
pub(crate) fn replies<'d>(operation: &Node<'d>, context: &mut Context<'d>) -> Vec<Reply> {
    let responses = operation.get("responses");
    let mut replies = Vec::new();
    for (key, written) in responses.iter().flat_map(Node::entries) {
        if key.starts_with("x-") {
            continue;
        }
        let Some(status) = status(key) else {
            context.diagnostics.push(malformed(&written, format!("`{key}` is not a status")));
            continue;
        };
        match written.resolve() {
            Err(dangling) => context.diagnostics.push(dangling.warn("the response is left out")),
            Ok(node) if node.as_object().is_none() => {
                let problem = format!("a response must be a mapping, not {}", node.kind());
                context.diagnostics.push(malformed(&node, problem));
            }
            Ok(node) if context.dialect == Dialect::Swagger2 => {
                replies.push(swagger2_reply(status, &node, operation, context));
            }
            Ok(node) => replies.push(reply(status, &node, context)),
        }
    }
    replies
}

fn malformed(node: &Node<'_>, problem: String) -> Diagnostic {
    Diagnostic::warning(Code::MalformedReply, node.place(), problem)
        .so("the response is left out")
        .help("write it as OpenAPI's Response Object, under a status such as '200' or default")
}

pub(super) fn status(key: &str) -> Option<Status> {
    match key.trim().as_bytes() {
        b"default" => Some(Status::Default),
        [hundred @ b'1'..=b'5', b'X' | b'x', b'X' | b'x'] => Some(Status::Range(hundred - b'0')),
        [_, _, _] => key.trim().parse().ok().filter(|code| (100..600).contains(code)).map(Status::Code),
        _ => None,
    }
}

fn reply<'d>(status: Status, node: &Node<'d>, context: &mut Context<'d>) -> Reply {
    let content = node.get("content");
    context.document.budget.take(content.as_ref().and_then(Node::as_object).map_or(0, Map::len));
    let mut types = content.iter().flat_map(Node::entries);
    let json = content.iter().flat_map(Node::entries).find(|(media_type, _)| media_type.contains("json"));
    let Some((media_type, media)) = json.or_else(|| types.next()) else {
        return Reply { status, media_type: None, schema: None, example: None };
    };
    // 3.2 describes the items of a sequential response, such as a stream of events.
    let schema = media
        .get("schema")
        .or_else(|| media.get("itemSchema"))
        .map(|schema| context.lifter.lift(&schema, Projection::Receive));
    let example =
        example(&media).filter(|example| context.document.budget.affords(json_length(example))).cloned();
    Reply { status, media_type: Some(media_type.to_owned()), schema, example }
}

/// Parses a Swagger 2.0 response. It has one schema, and its media types are in `produces` of the operation.
fn swagger2_reply<'d>(
    status: Status,
    node: &Node<'d>,
    operation: &Node<'d>,
    context: &mut Context<'d>,
) -> Reply {
    let types = swagger2::media_types(&context.document.root(), operation, "produces");
    let json = types.iter().find(|media_type| media_type.contains("json"));
    let media_type = json.or_else(|| types.first()).copied().unwrap_or("application/json");
    let examples = node.get("examples");
    let example = examples.as_ref().and_then(|examples| examples.get(media_type)).map(|node| node.value());
    let example = example.filter(|example| context.document.budget.affords(json_length(example))).cloned();
    let Some(schema) = node.get("schema") else {
        return Reply { status, media_type: None, schema: None, example };
    };
    let schema = context.lifter.lift(&schema, Projection::Receive);
    Reply { status, media_type: Some(media_type.to_owned()), schema: Some(schema), example }
}

fn example<'d>(media: &Node<'d>) -> Option<&'d Value> {
    if let Some(example) = media.get("example") {
        return Some(example.value());
    }
    let named = media.get("examples");
    let first = named.iter().flat_map(Node::entries).next()?.1.resolve().ok()?;
    first.value().get("value")
}
