//! Conversion of a server's list entries and results.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jackfield_recipe::Effect;
use jackfield_runtime::{
    CompletionValues, Content, Listed, ListedPrompt, ListedResource, PromptAnswer, PromptArgument,
    PromptMessage, RemoteProblem, ResourceBody, ResourceContents, SourceResponse, ToolResult,
};
use serde_json::{Map, Value};

/// The members of list entries that are forwarded unchanged.
const FURTHER: [&str; 4] = ["_meta", "annotations", "icons", "size"];

fn text(object: &Map<String, Value>, member: &str) -> String {
    object.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn object(object: &Map<String, Value>, member: &str) -> Option<Map<String, Value>> {
    object.get(member).and_then(Value::as_object).cloned()
}

/// Returns the forwarded members of an entry, except `excepted`.
fn further(entry: &Map<String, Value>, excepted: &[&str]) -> Map<String, Value> {
    let passed = FURTHER.iter().filter(|member| !excepted.contains(*member));
    passed.filter_map(|member| Some(((*member).to_owned(), entry.get(*member)?.clone()))).collect()
}

/// Converts a tool. Its hints are derived from `effect`, because the server's annotations may be false.
pub(super) fn tool(alias: &str, entry: &Map<String, Value>, effect: Effect) -> Listed {
    let title = entry.get("annotations").and_then(|it| it["title"].as_str()).unwrap_or_default();
    let title = Some(text(entry, "title")).filter(|own| !own.is_empty()).unwrap_or_else(|| title.to_owned());
    let any = || Map::from_iter([("type".to_owned(), Value::from("object"))]);
    Listed {
        name: alias.to_owned(),
        title,
        description: text(entry, "description"),
        input: object(entry, "inputSchema").unwrap_or_else(any),
        output: object(entry, "outputSchema"),
        effect,
        idempotent: false,
        further: further(entry, &["annotations", "size"]),
    }
}

/// Converts a resource or a resource template. Returns `None` if the URI is missing.
pub(super) fn resource(entry: &Map<String, Value>, is_template: bool) -> Option<ListedResource> {
    let uri = text(entry, if is_template { "uriTemplate" } else { "uri" });
    (!uri.is_empty()).then(|| ListedResource {
        uri,
        is_template,
        name: text(entry, "name"),
        title: text(entry, "title"),
        description: text(entry, "description"),
        media_type: Some(text(entry, "mimeType")).filter(|kind| !kind.is_empty()),
        further: further(entry, if is_template { &["size"] } else { &[] }),
    })
}

/// Converts a prompt.
pub(super) fn prompt(entry: &Map<String, Value>) -> ListedPrompt {
    let arguments = entry.get("arguments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let arguments = arguments.iter().filter_map(Value::as_object).map(|argument| PromptArgument {
        name: text(argument, "name"),
        description: text(argument, "description"),
        is_required: argument.get("required").and_then(Value::as_bool).unwrap_or(false),
    });
    ListedPrompt {
        name: text(entry, "name"),
        title: text(entry, "title"),
        description: text(entry, "description"),
        arguments: arguments.collect(),
        further: further(entry, &["annotations", "size"]),
    }
}

/// The kind of result that a request expects.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    Tool,
    Resource,
    Prompt,
    Completion,
}

/// Converts the result of a request.
///
/// # Errors
/// Returns an error if the result is not of the expected kind.
pub(super) fn answer(result: Value, expected: Expected) -> Result<SourceResponse, RemoteProblem> {
    let unfit = || {
        RemoteProblem::Unreadable("its answer does not have the form that this request requires".to_owned())
    };
    let Value::Object(mut result) = result else { return Err(unfit()) };
    // The gateway adds its own `serverInfo` for clients of newer revisions.
    if let Some(Value::Object(meta)) = result.get_mut("_meta") {
        meta.remove("io.modelcontextprotocol/serverInfo");
    }
    let mut list = |member: &str| match result.remove(member) {
        Some(Value::Array(list)) => Some(list),
        _ => None,
    };
    Ok(match expected {
        Expected::Tool => SourceResponse::Tool(ToolResult::relayed(result)),
        Expected::Resource => {
            let contents = list("contents").ok_or_else(unfit)?.into_iter().map(contents);
            SourceResponse::Resource(contents.collect::<Option<_>>().ok_or_else(unfit)?)
        }
        Expected::Prompt => {
            let messages = list("messages").ok_or_else(unfit)?.into_iter().map(message);
            let messages = messages.collect::<Option<_>>().ok_or_else(unfit)?;
            let description = result.get("description").and_then(Value::as_str).map(str::to_owned);
            let meta = object(&result, "_meta").unwrap_or_default();
            SourceResponse::Prompt(PromptAnswer { messages, description, meta })
        }
        Expected::Completion => {
            let completion = result.get("completion").ok_or_else(unfit)?;
            let values = completion["values"].as_array().ok_or_else(unfit)?;
            let values = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            let (total, has_more) = (completion["total"].as_u64(), completion["hasMore"].as_bool());
            SourceResponse::Completion(CompletionValues { values, total, has_more })
        }
    })
}

fn contents(part: Value) -> Option<ResourceContents> {
    let Value::Object(mut part) = part else { return None };
    let body = match (part.remove("text"), part.remove("blob")) {
        (Some(Value::String(text)), _) => ResourceBody::Text(text),
        (_, Some(Value::String(blob))) => ResourceBody::Bytes(STANDARD.decode(blob).ok()?),
        _ => return None,
    };
    let media_type = Some(text(&part, "mimeType")).filter(|kind| !kind.is_empty());
    Some(ResourceContents { uri: text(&part, "uri"), media_type, body, meta: object(&part, "_meta") })
}

fn message(message: Value) -> Option<PromptMessage> {
    let is_from_assistant = message["role"] == "assistant";
    let Value::Object(mut message) = message else { return None };
    let content = message.remove("content").filter(Value::is_object)?;
    Some(PromptMessage { is_from_assistant, content: Content::Relayed(content) })
}
