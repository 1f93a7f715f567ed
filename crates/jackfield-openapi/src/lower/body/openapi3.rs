//! The request body of OpenAPI 3.

use jackfield_model::{Code, Diagnostic};
use openapiv3::RequestBody;
use serde_json::{Map, Value, json};

use super::sketch::{Content, Sketch};
use crate::document::Node;
use crate::lower::choices::BodyChoices;
use crate::lower::context::Context;
use crate::lower::media::{self, Kind};
use crate::lower::{range, shape, text};

/// Parses the request body of an OpenAPI 3 operation.
pub(super) fn sketch<'d>(
    operation: &Node<'d>,
    chosen: &BodyChoices<'_>,
    context: &mut Context<'d>,
) -> Result<Option<Sketch<'d>>, Box<Diagnostic>> {
    let Some(written) = operation.get("requestBody") else { return Ok(None) };
    let node = written
        .resolve()
        .map_err(|dangling| Box::new(dangling.warn("the operation is left out: its body is unknown")))?;
    let malformed = |problem: String| {
        Box::new(
            Diagnostic::warning(Code::MalformedBody, node.place(), problem)
                .so("the operation is left out: its body is unknown")
                .help("write it as OpenAPI's Request Body Object"),
        )
    };
    let Some(map) = node.as_object() else {
        return Err(malformed(format!("a request body must be a mapping, not {}", node.kind())));
    };
    let parsed: RequestBody = match serde_json::from_value(skeleton(map)) {
        Ok(parsed) => parsed,
        Err(error) => {
            let reason = malformed(format!("malformed request body: {error}"));
            if map.get("required") == Some(&Value::Bool(true)) {
                return Err(reason);
            }
            context.diagnostics.push(reason.so("the tool sends no body"));
            return Ok(None);
        }
    };
    let types: Vec<&str> = parsed.content.keys().map(String::as_str).collect();
    let preferred = chosen.media(&types, &mut context.matched);
    let Some((media_type, kind)) = media::choose(&types, preferred) else { return Ok(None) };
    let media = node.get("content").and_then(|content| content.get(media_type));
    let part = |key: &str| media.as_ref().and_then(|media| media.get(key));
    let positional = part("itemSchema").is_some() || part("schema").as_ref().is_some_and(shape::is_list);
    if kind == Kind::Multipart && positional {
        return Err(malformed("the parts of this multipart body are identified by their order".to_owned())
            .so("the operation is left out: only named parts can be sent")
            .help(
                "describe the parts as properties of an object, or choose another media type under `[media]`",
            )
            .into());
    }
    let content = match part("itemSchema").filter(|_| kind == Kind::Lines) {
        Some(item) => Content::Items(item),
        None => Content::Schema { schema: part("schema"), encodings: part("encoding") },
    };
    let (kind, media_type) =
        range::settle(media_type, kind, &types, part("schema").as_ref(), context.dialect);
    Ok(Some(Sketch {
        media_type,
        kind,
        required: parsed.required,
        description: text::clean(parsed.description.as_deref().unwrap_or_default()),
        content,
    }))
}

/// Returns the body without its schemas, as input of openapiv3.
fn skeleton(map: &Map<String, Value>) -> Value {
    let mut out = Map::new();
    for key in ["description", "required"] {
        if let Some(value) = map.get(key).filter(|value| !value.is_null()) {
            out.insert(key.to_owned(), value.clone());
        }
    }
    let content = match map.get("content") {
        Some(Value::Object(content)) => {
            content.keys().map(|key| (key.clone(), json!({}))).collect::<Map<_, _>>().into()
        }
        Some(other) => other.clone(),
        None => json!({}),
    };
    out.insert("content".to_owned(), content);
    Value::Object(out)
}
