//! The lines of the lock about prompts, resources and documentation.

use jackfield_model::{Connector, Prompt, Resource};
use jackfield_surface::{Digest, Surface};

use super::word::word;

/// The header lines that are added if the lock has lines about prompts, resources or documentation.
pub(super) const HEADER: &str = "\
# resource     a tool that is also a resource: a digest of its texts, and its address; `only` marks one that is no tool
# prompt       a prompt, with a digest of its text and arguments
# documentation the pages about the connector, as resources
contract 1
";

/// Prints the lines, in the order of the lock.
pub(super) fn lines(connector: &Connector, surface: &Surface<'_>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    if connector.documentation {
        lines.push("documentation resources".to_owned());
    }
    lines.extend(connector.prompts.iter().map(prompt));
    let resources = surface.tools().filter_map(|tool| Some((tool, tool.operation.resource.as_ref()?)));
    lines.extend(resources.map(|(tool, resource)| self::resource(tool.name.as_str(), resource)));
    lines
}

fn prompt(prompt: &Prompt) -> String {
    format!("prompt {} {}", prompt.name, Digest::of([format!("{prompt:?}").as_bytes()]).short(32))
}

fn resource(tool: &str, resource: &Resource) -> String {
    let Resource { uri, arguments, title, description, media_type, is_tool } = resource;
    let parts = format!("{arguments:?}{title:?}{description:?}{media_type:?}");
    let only = if *is_tool { "" } else { " only" };
    format!("resource {tool} {} {}{only}", Digest::of([parts.as_bytes()]).short(32), word(uri))
}
