//! The statements of a document about a job that an operation starts, outside of schemas: headers and links of the
//! 202 response, and the extension `x-ms-long-running-operation`.

use jackfield_model::{StatedJob, StatedLink};
use serde_json::Value;

use crate::document::Node;

/// The response headers that contain the URL of a job's status.
const HEADERS: [&str; 3] = ["location", "operation-location", "azure-asyncoperation"];
const EXTENSION: &str = "x-ms-long-running-operation";
/// The maximum number of links of a response, and of parameters of a link. `LONGEST` is the maximum length of a
/// string in bytes.
const MOST: usize = 20;
const LONGEST: usize = 200;

/// Collects the statements of an operation about its job.
pub(super) fn stated_job(operation: &Node<'_>) -> StatedJob {
    let extension = operation.get(EXTENSION);
    let options = operation.get("x-ms-long-running-operation-options");
    let mut stated = StatedJob {
        is_long_running: extension.is_some_and(|node| node.value() == &Value::Bool(true)),
        final_state: options.and_then(|node| node.text("final-state-via").map(shortened)),
        ..StatedJob::default()
    };
    let accepted = operation.get("responses").and_then(|responses| responses.get("202"));
    let Some(accepted) = accepted.and_then(|written| written.resolve().ok()) else { return stated };
    let headers = accepted.get("headers");
    stated.has_header = headers
        .iter()
        .flat_map(Node::entries)
        .any(|(name, _)| HEADERS.iter().any(|header| name.eq_ignore_ascii_case(header)));
    let links = accepted.get("links");
    for (_, link) in links.iter().flat_map(Node::entries).take(MOST) {
        let Ok(link) = link.resolve() else { continue };
        stated.links.extend(stated_link(&link));
    }
    stated
}

fn stated_link(link: &Node<'_>) -> Option<StatedLink> {
    let by_id = link.text("operationId").map(shortened);
    let operation = by_id.or_else(|| route_of(link.text("operationRef")?))?;
    let written = link.get("parameters");
    let parameters = written.iter().flat_map(Node::entries).take(MOST).filter_map(|(name, node)| {
        // A parameter may be qualified by its location, as in `path.id`.
        let name = name.split_once('.').map_or(name, |(_, name)| name);
        Some((shortened(name), shortened(node.value().as_str()?)))
    });
    Some(StatedLink { operation, parameters: parameters.collect() })
}

/// Converts a reference to an operation of the same document to its route: `#/paths/~1jobs~1{id}/get` becomes `GET /jobs/{id}`.
fn route_of(reference: &str) -> Option<String> {
    let (path, method) = reference.strip_prefix("#/paths/")?.rsplit_once('/')?;
    let path = path.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}");
    Some(shortened(&format!("{} {path}", method.to_ascii_uppercase())))
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::route_of;

    #[test]
    fn operation_ref_of_a_link_is_converted_to_a_route() {
        let route = |reference: &str| route_of(reference).unwrap_or_default();
        assert_eq!(route("#/paths/~1jobs~1%7Bid%7D/get"), "GET /jobs/{id}");
        assert_eq!(route("#/paths/~1jobs~1{id}/get"), "GET /jobs/{id}");
        assert_eq!(route("other.yaml#/paths/~1jobs/get"), "");
        assert_eq!(route("#/paths/get"), "");
    }
}
