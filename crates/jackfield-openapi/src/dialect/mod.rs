//! Which version of OpenAPI a document is written in.

use jackfield_model::{Code, Diagnostic};
use serde_json::Value;

use crate::document::Document;

/// Says whether the document can be lowered.
///
/// # Errors
/// It names no version, or one that is not understood.
pub fn check(document: &Document) -> Result<(), Box<Diagnostic>> {
    let root = document.root();
    let refuse = |problem: String, remedy: &str| {
        let place = root
            .get("openapi")
            .or_else(|| root.get("swagger"))
            .map_or_else(|| root.place(), |node| node.place());
        Err(Box::new(
            Diagnostic::error(Code::Version, Some(place), problem)
                .so("nothing can be generated from it")
                .help(remedy),
        ))
    };
    match (root.get("openapi"), root.get("swagger")) {
        (Some(version), _) => match spelled(version.value()) {
            Some(text) if text == "3.0" || text.starts_with("3.0.") => Ok(()),
            Some(text) => refuse(
                format!("the document is OpenAPI {text}, which is not understood yet"),
                "give it in OpenAPI 3.0, the version that is",
            ),
            None => refuse("`openapi` is no version".to_owned(), "write it as in `openapi: 3.0.3`"),
        },
        (None, Some(_)) => refuse(
            "the document is Swagger 2.0, which is not understood yet".to_owned(),
            "give it in OpenAPI 3.0, the version that is",
        ),
        (None, None) => refuse(
            "the document does not say which OpenAPI it is".to_owned(),
            "put `openapi: 3.0.3` at its top, if that is what it is",
        ),
    }
}

/// A version as it was meant: unquoted YAML makes a number of `3.0`.
fn spelled(version: &Value) -> Option<String> {
    match version {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
