//! The version of OpenAPI that a document declares.

use std::sync::Arc;

use jackfield_model::{Code, Diagnostic, Place, Pointer};
use serde_json::Value;

use super::Dialect;
use crate::kind::kind_of;

/// Returns the version that the root of a document declares.
pub(crate) fn check(root: &Value, file: &Arc<str>) -> Result<Dialect, Box<Diagnostic>> {
    let openapi = root.get("openapi");
    let swagger = root.get("swagger");
    let refuse = |problem: String, remedy: String| {
        let key = openapi.map(|_| "openapi").or(swagger.map(|_| "swagger"));
        let pointer = key.map_or_else(Pointer::root, |key| Pointer::root().child(key));
        let place = Place { file: Arc::clone(file), pointer };
        Err(Box::new(
            Diagnostic::error(Code::Version, Some(place), problem)
                .so("nothing can be generated from it")
                .help(remedy),
        ))
    };
    let (word, node) = match (openapi, swagger) {
        (Some(_), Some(_)) => {
            return refuse(
                "the document has both `openapi` and `swagger`".to_owned(),
                "keep the key that matches the version of the document".to_owned(),
            );
        }
        (Some(node), None) => ("openapi", node),
        (None, Some(node)) => ("swagger", node),
        (None, None) => {
            return refuse(
                "the document does not declare a version of OpenAPI".to_owned(),
                "add `openapi: 3.0.3` at the top, if it is an OpenAPI document".to_owned(),
            );
        }
    };
    let Some(text) = spelled(node) else {
        return refuse(
            format!("`{word}` is {}, not a version", kind_of(node)),
            format!("write a version such as `{word}: {}`", nearest("")),
        );
    };
    let version = text.trim();
    let minor = |prefix: &str| version == prefix || version.strip_prefix(prefix).is_some_and(is_patch);
    match word {
        "swagger" if matches!(version, "2" | "2.0" | "2.0.0") => Ok(Dialect::Swagger2),
        "openapi" if minor("3.0") => Ok(Dialect::V30),
        "openapi" if minor("3.1") => Ok(Dialect::V31),
        "openapi" if minor("3.2") => Ok(Dialect::V32),
        _ => refuse(
            format!("{version:?} is not a supported version of OpenAPI"),
            format!("supported versions are 2.0, 3.0, 3.1 and 3.2; the nearest is `{}`", nearest(version)),
        ),
    }
}

/// Whether the text is a patch version, such as `.3` or `.0-rc1`.
fn is_patch(rest: &str) -> bool {
    rest.strip_prefix('.').is_some_and(|rest| {
        let digits = rest.split('-').next().unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Returns the version that the author probably meant.
fn nearest(version: &str) -> &'static str {
    let plain = version.trim_start_matches(['v', 'V', '=', ' ']);
    let mut numbers = plain.split(['.', '-']).map(|part| part.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(0..=2), _) => "swagger: '2.0'",
        (Some(3), Some(0) | None) => "openapi: 3.0.4",
        (Some(3), Some(1)) => "openapi: 3.1.1",
        (Some(_), _) => "openapi: 3.2.0",
        (None, _) => "openapi: 3.0.4",
    }
}

/// Returns the version as text. Unquoted YAML parses `3.0` as a number.
fn spelled(version: &Value) -> Option<String> {
    match version {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patch_version_with_a_suffix_is_accepted() {
        assert!(is_patch(".3") && is_patch(".0-rc1"));
        assert!(!is_patch("") && !is_patch("3") && !is_patch(".x") && !is_patch("."));
    }

    #[test]
    fn error_about_an_unknown_openapi_version_suggests_the_nearest_version() {
        for (version, suggestion) in [
            ("1.2", "swagger: '2.0'"),
            ("v3.0.0", "openapi: 3.0.4"),
            ("3.3.0", "openapi: 3.2.0"),
            ("4", "openapi: 3.2.0"),
            ("latest", "openapi: 3.0.4"),
        ] {
            assert_eq!(nearest(version), suggestion, "{version}");
        }
    }
}
