//! Results of other MCP servers, which are passed on to clients.

use serde_json::{Map, Value};

use super::structured::StructuredContent;
use super::tool_result::{Extra, ToolResult};

impl ToolResult {
    /// Creates a result from a `tools/call` result of another MCP server: `content`, `structuredContent`, `isError` and `_meta`.
    pub fn relayed(mut result: Map<String, Value>) -> Self {
        let blocks = match result.remove("content") {
            Some(Value::Array(blocks)) => blocks,
            _ => Vec::new(),
        };
        let structured = result.remove("structuredContent").filter(|content| !content.is_null());
        let meta = match result.remove("_meta") {
            Some(Value::Object(meta)) => meta,
            _ => Map::new(),
        };
        Self {
            extras: blocks.into_iter().map(Extra::Relayed).collect(),
            structured: structured.map(StructuredContent::of),
            is_error: result.get("isError").and_then(Value::as_bool).unwrap_or(false),
            relayed: Some(Box::new(meta)),
            ..Self::text("")
        }
    }

    /// Replaces the URIs of resources in the content blocks of another server.
    pub(crate) fn rename_resources(&mut self, shown: &dyn Fn(&str) -> String) {
        for extra in &mut self.extras {
            if let Extra::Relayed(block) = extra {
                rename_in_block(block, shown);
            }
        }
        if let Some(meta) = &mut self.relayed {
            rename_in_meta(meta, shown);
        }
    }
}

/// Replaces the URI of a resource in a content block.
pub(crate) fn rename_in_block(block: &mut Value, shown: &dyn Fn(&str) -> String) {
    let address = match block["type"].as_str() {
        Some("resource_link") => block.get_mut("uri"),
        Some("resource") => block.get_mut("resource").and_then(|resource| resource.get_mut("uri")),
        _ => None,
    };
    rename(address, shown);
}

/// Replaces the URI of the user interface of a tool (MCP Apps), under both the current and the older key.
pub(crate) fn rename_in_meta(meta: &mut Map<String, Value>, shown: &dyn Fn(&str) -> String) {
    rename(meta.get_mut("ui").and_then(|ui| ui.get_mut("resourceUri")), shown);
    rename(meta.get_mut("ui/resourceUri"), shown);
}

fn rename(address: Option<&mut Value>, shown: &dyn Fn(&str) -> String) {
    if let Some(Value::String(address)) = address {
        *address = shown(address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_resource_uris_of_a_relayed_result_get_the_connector_prefix() {
        let given = json!({
            "content": [
                { "type": "text", "text": "a+b" },
                { "type": "resource_link", "uri": "a:1", "name": "one" },
                { "type": "resource", "resource": { "uri": "a:2", "blob": "AA==" } },
                { "type": "hologram", "uri": "a:3" },
            ],
            "structuredContent": { "uri": "a:4" },
            "_meta": { "ui": { "resourceUri": "ui://x" }, "uri": "a:5" },
        });
        let mut result = ToolResult::relayed(given.as_object().unwrap().clone());
        result.rename_resources(&|uri| format!("n+{uri}"));
        let blocks: Vec<&Value> = result
            .extras
            .iter()
            .filter_map(|extra| match extra {
                Extra::Relayed(block) => Some(block),
                _ => None,
            })
            .collect();
        assert_eq!(blocks[1]["uri"], "n+a:1");
        assert_eq!(blocks[2]["resource"]["uri"], "n+a:2");
        assert_eq!((blocks[0], blocks[3]), (&given["content"][0], &given["content"][3]));
        assert_eq!(result.structured(), Some(&given["structuredContent"]));
        let meta = result.relayed.unwrap();
        assert_eq!(json!(meta), json!({ "ui": { "resourceUri": "n+ui://x" }, "uri": "a:5" }));
    }
}
