//! Converts tools and results to protocol messages.

use std::sync::Arc;

use jackfield_recipe::Effect;
use rmcp::model::{
    CallToolResult, ContentBlock, MetaObject, ProtocolVersion, Resource, ResourceContents, Tool,
    ToolAnnotations,
};
use serde_json::{Map, Value, from_value};

use super::structured_text::to_print;
use crate::common::caller::{Caller, Channel};
use crate::engine::listing::Listed;
use crate::engine::service::Service;
use crate::reply::content::Content;
use crate::reply::structured::StructuredContent;
use crate::reply::tool_result::{Extra, ToolResult};

/// The JSON of a tool, and the properties on which the rights to it depend.
pub(super) struct ToolText {
    pub(super) name: String,
    pub(super) effect: Effect,
    pub(super) text: String,
}

impl ToolText {
    /// Serializes a tool. A tool consists of JSON values and strings, which can always be serialized.
    pub(super) fn of(tool: Listed) -> Option<Self> {
        let (name, effect) = (tool.name.clone(), tool.effect);
        Some(Self { name, effect, text: serde_json::to_string(&describe(tool)).ok()? })
    }
}

/// Returns the JSON of each tool in the order of the list, as `tools/list` sends it.
pub fn listing(service: &Service) -> impl Iterator<Item = String> + use<> {
    let text = |tool| serde_json::to_string(&tool).unwrap_or_default();
    let tools: Vec<Tool> = service.list(&Caller::local(Channel::CommandLine)).map(describe).collect();
    tools.into_iter().map(text)
}

/// Returns for each generated tool whether it is in the tool list, and its JSON as `tools/list` sends it. An operation that is
/// only a resource is not in the list. A merged tool takes the position of its first operation.
pub fn entries(service: &Service) -> Vec<(bool, String)> {
    let caller = Caller::local(Channel::CommandLine);
    let entry = |tool: &Tool| serde_json::to_string(tool).unwrap_or_default();
    let rows = service.connector().tools();
    rows.filter_map(|row| {
        let listed = match row.merged {
            Some(_) => service.api().listed_merge(service.merge_at(row)?, &caller),
            None => service.api().listed(row, &caller),
        };
        Some((row.is_tool(), entry(&describe(listed))))
    })
    .collect()
}

pub(super) fn describe(listed: Listed) -> Tool {
    let annotations = ToolAnnotations::new()
        .read_only(listed.effect == Effect::Read)
        .destructive(listed.effect == Effect::Destroy)
        .idempotent(listed.idempotent)
        .open_world(true);
    let mut tool =
        Tool::new(listed.name, listed.description, Arc::new(listed.input)).with_annotations(annotations);
    if !listed.title.is_empty() {
        tool = tool.with_title(listed.title);
    }
    // A member with a type that the protocol does not define counts as absent.
    let mut further = listed.further;
    tool.icons = from_value(member(&mut further, "icons")).unwrap_or_default();
    tool.meta = from_value(member(&mut further, "_meta")).unwrap_or_default();
    match listed.output {
        Some(output) => tool.with_raw_output_schema(Arc::new(output)),
        None => tool,
    }
}

/// Removes and returns a member that another server sent. Returns null if there is no such member.
pub(super) fn member(further: &mut Map<String, Value>, name: &str) -> Value {
    further.remove(name).unwrap_or_default()
}

/// Builds the answer to a call for a protocol revision. Content blocks that the revision does not define are converted. Otherwise clients
/// would discard the whole answer, although the service has done the work. The SDK can print only structured content that is a parsed
/// value.
pub(super) fn answer(
    result: ToolResult,
    revision: &ProtocolVersion,
    is_printed_here: bool,
) -> CallToolResult {
    let has_text = !result.text.is_empty() || result.extras.is_empty() && result.relayed.is_none();
    let mut content: Vec<ContentBlock> =
        has_text.then(|| ContentBlock::text(result.text)).into_iter().collect();
    content.extend(result.extras.into_iter().map(|extra| block(extra, revision)));
    let mut answer =
        if result.is_error { CallToolResult::error(content) } else { CallToolResult::success(content) };
    let structured = if is_printed_here { to_print } else { StructuredContent::into_value };
    answer.structured_content = result.structured.map(structured);
    answer.meta = result.relayed.filter(|meta| !meta.is_empty()).map(|meta| MetaObject(*meta));
    answer
}

/// Converts a content to a block that the protocol revision defines.
pub(super) fn block_of(content: Content, revision: &ProtocolVersion) -> ContentBlock {
    block(Extra::of(content), revision)
}

fn block(extra: Extra, revision: &ProtocolVersion) -> ContentBlock {
    // Revisions are dates, so they can be compared as text.
    let knows = |since: ProtocolVersion| revision.as_str() >= since.as_str();
    match extra {
        Extra::Note(text) => ContentBlock::text(text),
        Extra::Relayed(block) => relayed(block, revision),
        Extra::Image { media_type, data } => ContentBlock::image(data, media_type),
        Extra::Audio { media_type, data, .. } if knows(ProtocolVersion::V_2025_03_26) => {
            ContentBlock::audio(data, media_type)
        }
        Extra::Audio { address, media_type, data } | Extra::Blob { address, media_type, data } => {
            ContentBlock::resource(ResourceContents::blob(data, address).with_mime_type(media_type))
        }
        Extra::Embedded { address, media_type, text } => {
            let contents = ResourceContents::text(text, address);
            ContentBlock::resource(match media_type {
                Some(media_type) => contents.with_mime_type(media_type),
                None => contents,
            })
        }
        Extra::Link { address, name, media_type, size } if knows(ProtocolVersion::V_2025_06_18) => {
            let resource = Resource::new(address, name).with_mime_type(media_type);
            ContentBlock::resource_link(match size {
                Some(size) => resource.with_size(size),
                None => resource,
            })
        }
        Extra::Link { address, .. } => ContentBlock::text(format!("It is at {address}")),
    }
}

/// Converts a content block of another server. A block that is unknown, or that the revision does not define, becomes text.
fn relayed(block: Value, revision: &ProtocolVersion) -> ContentBlock {
    let since = match block["type"].as_str() {
        Some("audio") => Some(ProtocolVersion::V_2025_03_26),
        Some("resource_link") => Some(ProtocolVersion::V_2025_06_18),
        _ => None,
    };
    let is_defined = since.is_none_or(|since| revision.as_str() >= since.as_str());
    let text = |block: &Value| ContentBlock::text(block.to_string());
    if is_defined { from_value(block.clone()).unwrap_or_else(|_| text(&block)) } else { text(&block) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Returns the content blocks of an answer, apart from the text, for a client of a protocol revision.
    fn blocks(result: ToolResult, revision: &ProtocolVersion) -> Value {
        let answer = answer(result, revision, false);
        answer.content[1..].iter().map(|block| json!(block)).collect()
    }

    #[test]
    fn client_of_an_older_revision_gets_no_unknown_content_block() {
        let sound = || ToolResult::file("https://x/a.ogg", "audio/ogg", b"abc");
        let link = || ToolResult::file("https://x/b.zip", "application/zip", &vec![0; 2 << 20]);
        for (revision, sound_is, link_is) in [
            (ProtocolVersion::V_2024_11_05, "resource", "text"),
            (ProtocolVersion::V_2025_03_26, "audio", "text"),
            (ProtocolVersion::V_2025_06_18, "audio", "resource_link"),
            (ProtocolVersion::LATEST, "audio", "resource_link"),
        ] {
            assert_eq!(blocks(sound(), &revision)[0]["type"], sound_is, "{revision}");
            assert_eq!(blocks(link(), &revision)[0]["type"], link_is, "{revision}");
        }
        let told = blocks(link(), &ProtocolVersion::V_2024_11_05);
        assert_eq!(told, json!([{ "type": "text", "text": "It is at https://x/b.zip" }]));
    }
}
