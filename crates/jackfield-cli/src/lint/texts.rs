//! Reports missing texts and titles, and names that are too long for a client.

use jackfield_build::model::text::toml_text;
use jackfield_build::model::{Code, Diagnostic};

use super::list_entry::ListEntry as _;
use super::subject::{Subject, Tool};

/// The maximum length of a name in model APIs.
pub(super) const LONGEST_NAME: usize = 64;
/// The maximum length of a title from the document that a fix repeats.
const LONGEST_TITLE: usize = 60;

/// Returns whether neither the document nor connector.toml describes a tool.
pub(crate) fn has_no_text(tool: &Tool) -> bool {
    !tool.has_text && !Subject::has_choice("describe", tool)
}

/// Reports tools that neither the document nor connector.toml describes.
pub(super) fn tools(subject: &Subject, found: &mut Vec<Diagnostic>) {
    const HELP: &str = "describe what the tool does and when to use it: the lines below only repeat its name and its route; \
                        `jackfield describe` asks a language model for better texts";
    for tool in subject.tools.iter().filter(|tool| has_no_text(tool)) {
        let problem = format!("`{}` ({}) has no summary and no description", tool.name, tool.route);
        found.push(
            Diagnostic::warning(Code::MissingText, tool.place.clone(), problem)
                .so("a model sees only the name and the arguments of this tool")
                .help(HELP)
                .fix(tool.line("describe", &toml_text(&format!("{}: {}", spoken(&tool.name), tool.route)))),
        );
    }
}

/// Reports tools whose list entry has no title.
pub(super) fn titles(subject: &Subject, found: &mut Vec<Diagnostic>) {
    const HELP: &str = "set titles, or `wording = \"full\"`, which includes the titles of the document";
    for tool in subject.tools.iter().filter(|tool| tool.text("title").is_empty()) {
        let is_plain = !tool.title.is_empty()
            && tool.title.chars().count() <= LONGEST_TITLE
            && !tool.title.contains(['<', '`', '/']);
        let title = if is_plain { tool.title.clone() } else { spoken(&tool.name) };
        let problem = format!("`{}` has no title in the list of tools", tool.name);
        found.push(
            Diagnostic::warning(Code::ToolTitle, tool.place.clone(), problem)
                .so("Claude's directory requires a title, and clients show the name instead")
                .help(HELP)
                .fix(tool.line("describe", &format!("{{ title = {} }}", toml_text(&title)))),
        );
    }
}

/// Reports names that are too long with the prefix of a client.
pub(super) fn long_names(subject: &Subject, found: &mut Vec<Diagnostic>) {
    let prefix = format!("mcp__{}__", subject.name);
    for tool in &subject.tools {
        let length = prefix.len() + tool.name.len();
        if length <= LONGEST_NAME {
            continue;
        }
        let room = LONGEST_NAME.saturating_sub(prefix.len());
        let shorter: String = tool.name.chars().take(room).collect();
        let shorter = shorter.trim_end_matches(['_', '-']);
        let problem = format!("clients call it `{prefix}{}`, which has {length} characters", tool.name);
        found.push(
            Diagnostic::warning(Code::LongToolName, tool.place.clone(), problem)
                .so(format!(
                    "clients omit this tool, because a name can have at most {LONGEST_NAME} characters"
                ))
                .help("rename it, or set `name_limit`")
                .help_many("rename them, or set `name_limit`")
                .fix((room >= 8).then(|| tool.renaming(shorter)).flatten()),
        );
    }
}

/// Converts a name to words: `list_books` becomes `List books`.
fn spoken(name: &str) -> String {
    let text = name.replace(['_', '-'], " ");
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => text,
    }
}
