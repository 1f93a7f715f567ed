//! The line about a tool.

use std::borrow::Cow;
use std::fmt::Write as _;

use jackfield_model::{Ask, Caching, Connector, MergedInto, Operation, ParameterSetting, ReplyRule, Server};
use jackfield_surface::{Digest, NamedTool};

use super::digests::{Digests, ToolSchemas};
use super::word::word;
use crate::rows::{ToolRow, input_text};

/// Prints the line about a tool, whose group has the tag `tag`.
///
/// The digest covers everything that models see of the tool and everything that its calls send. So if a tool equals its line in the lock, a
/// person has reviewed this tool.
pub(crate) fn line(
    connector: &Connector,
    tag: &str,
    tool: &NamedTool<'_>,
    row: &ToolRow<'_>,
    digests: &Digests<'_>,
) -> String {
    // The pattern names every field, so that the compiler reports a new field that is not handled.
    let Operation {
        id: _,
        method,
        path,
        place: _,
        stated: _,
        // `row` contains the title, unless name and description already say it.
        title: _,
        description,
        title_is_said: _,
        // Not part of any tool.
        deprecated: _,
        effect,
        ask,
        idempotent,
        idempotency_key,
        paging,
        caching,
        job,
        because: _,
        server,
        args,
        reply_fields,
        resource,
        merged,
        // Part of the text of the input schema.
        fewest_args: _,
        presets,
        recipe,
        body,
        // Models see only the part that `output` describes.
        replies: _,
        accepts,
        output,
        security,
    } = tool.operation;
    let input = row.input.as_ref().map_or_else(|| Cow::Owned(input_text(tool.operation)), Cow::Borrowed);
    let effect = effect.as_str();
    let security = security.iter().fold(String::new(), |mut text, requirement| {
        text.push('|');
        for need in &requirement.needs {
            let _ = write!(text, " {:?} {:?}", need.scheme.as_str(), need.scopes);
        }
        text
    });
    let route = tool.operation.route();
    let mut request = String::new();
    for step in recipe {
        let _ = writeln!(request, "{step}");
    }
    for setting in connector.settings.iter().filter(|setting| setting.tools.has(&tool.name)) {
        let ParameterSetting { location, wire, value, tools: _ } = setting;
        let _ = writeln!(request, "setting {location:?} {:?} {value:?}", wire.as_str());
    }
    for preset in presets {
        let _ = writeln!(request, "{preset}");
    }
    let _ = writeln!(request, "accept {accepts:?}\nidempotent {idempotent}");
    if let Some(key) = idempotency_key {
        let _ = writeln!(request, "key {:?}", key.as_str());
    }
    if let Some(paging) = paging {
        let _ = writeln!(request, "{paging:?}");
    }
    if let Some(job) = job {
        let _ = writeln!(request, "{job:?}");
    }
    if *caching != Caching::Off {
        let _ = writeln!(request, "{caching:?}");
    }
    // Permissions and searches can select a tool by its tag.
    let mut shown = format!("group {tag:?}\n");
    if let Some(fields) = reply_fields {
        let _ = writeln!(shown, "fields {:?}", fields.as_str());
    }
    if let Some(resource) = resource {
        let _ = writeln!(shown, "{resource:?}");
    }
    // If a tool becomes part of a merged tool, or a tool of its own again, models see something else.
    if let Some(MergedInto { tool, selector }) = merged {
        let _ = writeln!(shown, "merged {:?} {selector:?}", tool.as_str());
    }
    let is_for = |rule: &&ReplyRule| rule.tool.as_ref().is_none_or(|name| *name == tool.name);
    for rule in connector.replies.iter().filter(is_for) {
        let _ = writeln!(shown, "{rule:?}");
    }
    let media_type = body.as_ref().map_or("", |body| body.media_type.as_str());
    let server = server.as_ref().map(address).unwrap_or_default();
    let mut parts: Vec<&[u8]> = vec![
        tool.name.as_str().as_bytes(),
        row.title.as_bytes(),
        description.as_bytes(),
        input.as_bytes(),
        effect.as_bytes(),
        security.as_bytes(),
        route.as_bytes(),
        request.as_bytes(),
        shown.as_bytes(),
        media_type.as_bytes(),
        server.as_bytes(),
    ];
    let schemas = ToolSchemas::of(args, output.as_ref(), &connector.pool);
    parts.extend(schemas.parts(digests));
    let digest = Digest::of(parts);
    let (method, path) = (word(method.as_str()), word(path));
    let renamed = if tool.is_renamed { " renamed" } else { "" };
    let ask = match ask {
        Ask::ByEffect => String::new(),
        ask => format!("\nask {} {ask}", tool.name),
    };
    format!("tool {} {effect} {} {method} {path}{renamed}{ask}", tool.name, digest.short(32))
}

/// Prints `https://{region}.example.com/v1 region=eu(eu|us)`.
pub(super) fn address(server: &Server) -> String {
    let mut text = word(&server.url);
    for variable in &server.variables {
        let _ = write!(
            text,
            " {}={}",
            word(&variable.name),
            word(variable.default.as_deref().unwrap_or_default())
        );
        if !variable.allowed.is_empty() {
            let allowed: Vec<String> = variable.allowed.iter().map(|value| word(value)).collect();
            let _ = write!(text, "({})", allowed.join("|"));
        }
    }
    text
}
