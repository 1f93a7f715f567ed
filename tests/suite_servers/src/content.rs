//! Tools whose results have several contents, and tools with unusual input schemas.

use std::time::Duration;

use jackfield_runtime::custom::{Call, Content, CustomTool, Effect, ResourceContents, ToolResult};
use tokio::time::sleep;

/// A PNG of one pixel.
pub(crate) const IMAGE: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53, 0xde, 0x00,
    0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x08, 0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0x00, 0x00, 0x03, 0x01,
    0x01, 0x00, 0x18, 0xdd, 0x8d, 0xb0, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60,
    0x82,
];

/// A WAV file without samples.
pub(crate) const SOUND: &[u8] =
    b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0";

const WIDE_SCHEMA: &str = r##"{
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
        }
    },
    "properties": {
        "name": { "type": "string" },
        "address": { "$ref": "#/$defs/address" },
        "contactMethod": { "type": "string", "enum": ["phone", "email"] },
        "phone": { "type": "string" },
        "email": { "type": "string" }
    },
    "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
    "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
    "then": { "required": ["phone"] },
    "else": { "required": ["email"] },
    "additionalProperties": false
}"##;

const HEADER_SCHEMA: &str = r#"{
    "type": "object",
    "properties": {
        "region": { "type": "string", "description": "Region", "x-mcp-header": "Region" },
        "priority": { "type": "integer", "description": "Priority", "x-mcp-header": "Priority" },
        "verbose": { "type": "boolean", "description": "Whether to say more", "x-mcp-header": "Verbose" },
        "query": { "type": "string", "description": "Query" }
    },
    "additionalProperties": false
}"#;

pub(crate) fn tools() -> Vec<CustomTool> {
    vec![
        read("test_embedded_resource", "Returns a resource", |_| async {
            let text = "This is an embedded resource content.";
            let resource = ResourceContents::text("test://embedded-resource", text);
            Ok(ToolResult::empty().with(resource.with_media_type("text/plain")))
        }),
        read("test_multiple_content_types", "Returns a text, an image and a resource", |_| async {
            let resource =
                ResourceContents::text("test://mixed-content-resource", r#"{"test":"data","value":123}"#);
            Ok(ToolResult::text("Multiple content types test:")
                .with(Content::image("image/png", IMAGE))
                .with(resource.with_media_type("application/json")))
        }),
        read("test_tool_with_progress", "Reports progress", |call| async move {
            for done in [0.0, 50.0, 100.0] {
                call.context.progress().report(done, Some(100.0), None);
                sleep(Duration::from_millis(50)).await;
            }
            Ok(ToolResult::text("Done."))
        }),
        read("json_schema_2020_12_tool", "Has an input schema with many keywords", |_| async {
            Ok(ToolResult::text("Done."))
        })
        .input(WIDE_SCHEMA),
        read("test_custom_headers", "Repeats arguments in headers", |_| async {
            Ok(ToolResult::text("Done."))
        })
        .input(HEADER_SCHEMA),
    ]
}

/// Creates a tool that changes nothing.
pub(crate) fn read<F, R>(name: &str, description: &str, run: F) -> CustomTool
where
    F: Fn(Call) -> R + Send + Sync + 'static,
    R: Future<Output = Result<ToolResult, jackfield_runtime::CallError>> + Send + 'static,
{
    CustomTool::new(name, run).title(description).description(description).effect(Effect::Read)
}
