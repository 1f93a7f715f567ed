//! The request body of Swagger 2.0, which is declared as a list of parameters.

use jackfield_model::{Code, Diagnostic};
use serde_json::Value;

use super::sketch::{Content, Field, Sketch};
use crate::dialect::{Dialect, swagger2};
use crate::document::Node;
use crate::lower::choices::{BodyChoices, MatchedKeys};
use crate::lower::media::{self, Kind};
use crate::lower::{range, text};

/// Parses the request body that `in: body` or `in: formData` parameters declare.
pub(super) fn sketch<'d>(
    item: &Node<'d>,
    operation: &Node<'d>,
    chosen: &BodyChoices<'_>,
    matched: &mut MatchedKeys,
) -> Result<Option<Sketch<'d>>, Box<Diagnostic>> {
    let mut found: Vec<Node<'d>> = Vec::new();
    for owner in [operation, item] {
        for node in owner.get("parameters").iter().flat_map(Node::items) {
            // A reference without a target is reported with the other parameters.
            let Ok(node) = node.resolve() else { continue };
            let named = |other: &Node<'_>| {
                other.text("name") == node.text("name") && other.text("in") == node.text("in")
            };
            if swagger2::is_of_body(&node) && !found.iter().any(named) {
                found.push(node);
            }
        }
    }
    let types = swagger2::media_types(&operation.document.root(), operation, "consumes");
    if let Some(node) = found.iter().find(|node| node.text("in") == Some("body")) {
        let offered = if types.is_empty() { vec!["application/json"] } else { types };
        let (media_type, kind) = media::choose(&offered, chosen.media(&offered, matched))
            .unwrap_or(("application/json", Kind::Json));
        // A form has `in: formData`; a schema under a form's media type is a mistake.
        let kind = if matches!(kind, Kind::Form | Kind::Multipart) && node.get("schema").is_none() {
            Kind::Text
        } else {
            kind
        };
        let (kind, media_type) =
            range::settle(media_type, kind, &offered, node.get("schema").as_ref(), Dialect::Swagger2);
        return Ok(Some(Sketch {
            media_type,
            kind,
            required: node.value().get("required") == Some(&Value::Bool(true)),
            description: text::clean(node.text("description").unwrap_or_default()),
            content: Content::Schema { schema: node.get("schema"), encodings: None },
        }));
    }
    if found.is_empty() {
        return Ok(None);
    }
    let file = found.iter().any(|node| node.text("type") == Some("file"));
    let parts =
        file || types.iter().all(|media_type| Kind::of(media_type) == Kind::Multipart) && !types.is_empty();
    let fields = found.into_iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Sketch {
        media_type: if parts { "multipart/form-data" } else { "application/x-www-form-urlencoded" }
            .to_owned(),
        kind: if parts { Kind::Multipart } else { Kind::Form },
        required: fields.iter().any(|field| field.required),
        description: String::new(),
        content: Content::Fields(fields),
    }))
}

fn field(node: Node<'_>) -> Result<Field<'_>, Box<Diagnostic>> {
    let required = node.value().get("required") == Some(&Value::Bool(true));
    let Some(name) = node.text("name").filter(|name| !name.trim().is_empty()) else {
        return Err(Box::new(
            Diagnostic::warning(Code::MalformedParameter, node.place(), "a field of the form has no name")
                .so("the operation is left out: its body is unknown")
                .help("give the field a `name`"),
        ));
    };
    let encoding = node.as_object().and_then(swagger2::collection);
    Ok(Field { name: name.to_owned(), required, encoding, node })
}
