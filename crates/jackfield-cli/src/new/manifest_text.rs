//! The text of a new connector.toml. It contains each decision with its reason, and likely next decisions as comments.

use jackfield_build::model::text::{shorten, toml_key, toml_text};
use jackfield_build::model::{ConnectorName, Effect, SurfaceKind, variable_prefix, visible_line};

use super::draft::{Draft, listed};
use super::facts::Facts;
use crate::inspect::{Inspected, grouped, setting_lines};

/// The maximum length of an array on one line.
const LINE: usize = 100;
/// The maximum number of characters of a comment about tools.
const COMMENT: usize = 100;
/// The maximum number of selectors in an array that is offered as a comment.
const MOST_SELECTORS: usize = 20;

/// Returns the text of connector.toml. `document` is the path of the document in the folder.
pub(super) fn text(name: &ConnectorName, document: &str, draft: &Draft, facts: &Facts) -> String {
    let mut text = Text::default();
    text.say(
        "The decisions about this connector. After a change, run `jackfield gen --lock-only` in this folder.",
    );
    text.say("A line that begins with `#` without a space is an example: to use it, remove the `#`, and change the value.");
    text.blank();
    text.say("The OpenAPI document, relative to this file.");
    text.line(&format!("document = {}", toml_text(document)));
    if let Some(url) = &draft.document_url {
        text.blank();
        text.say(
            "The URL at which the document is published. Relative servers are resolved against this URL.",
        );
        text.line(&format!("document_url = {}", toml_text(url)));
    }
    text.blank();
    text.say(&format!(
        "The name of the server. Its variables begin with it, as in {}BASE_URL.",
        variable_prefix(name.as_str())
    ));
    text.line(&format!("name = {}", toml_text(name.as_str())));
    root(&mut text, draft, facts);
    tables(&mut text, draft, facts);
    text.0
}

/// Writes the keys before the first table.
fn root(text: &mut Text, draft: &Draft, facts: &Facts) {
    let tools = facts.inspection.tools.len();
    text.blank();
    text.say("What a model should know before it uses the tools, instead of the document's description.");
    text.offer("instructions = \"When to use these tools, and what to do first.\"");
    text.blank();
    if draft.include.is_empty() {
        text.say("Which operations become tools: names, routes, paths, `tag:NAME`, `effect:read`; `*` matches any text, `!x` all operations except `x`.");
        text.offer(&format!("include = [{}]", listed(&every_group(facts))));
    } else {
        text.say(&format!(
            "The operations that become tools: {} of {}.",
            grouped(tools),
            grouped(facts.operations)
        ));
        text.list("include", &draft.include);
    }
    if !draft.exclude.is_empty() {
        text.blank();
        text.say("Operations that do not become tools.");
        text.list("exclude", &draft.exclude);
    } else if let Some(dearest) = dearest(draft, facts) {
        text.blank();
        text.say("Operations that do not become tools. The longest in the list:");
        text.offer(&format!("exclude = [{}]", toml_text(dearest)));
    }
    if let Some(server) = &draft.server {
        text.blank();
        text.say("Where requests go, instead of the servers of the document. An address that is named here may be private.");
        text.line(&format!("servers = [{}]", toml_text(server)));
    }
    text.blank();
    text.say(
        "Which tools clients see: each, search (four tools that find and call the others), promoted, or auto.",
    );
    match facts.surface() {
        Some(surface) => {
            text.say(&format!(
                "With auto, clients get a search while the list has more than {} tokens. It has {}.",
                grouped(SurfaceKind::SHORT_LIST),
                grouped(facts.inspection.tokens)
            ));
            text.line(&format!("surface = \"{surface}\""));
        }
        None => text.offer("surface = \"search\""),
    }
    text.blank();
    text.say("How long descriptions are: lean, or full (all that the document says).");
    text.offer("wording = \"full\"");
}

/// Returns the selectors of all groups, from which a person can remove some.
fn every_group(facts: &Facts) -> Vec<String> {
    let selectors: Vec<String> =
        facts.groups.iter().flat_map(|group| group.selectors.iter().cloned()).collect();
    if (1..=MOST_SELECTORS).contains(&selectors.len()) { selectors } else { vec!["*".to_owned()] }
}

/// Returns the route of a tool that reads and is not in `[ask]`. If there are several, returns the route of the tool with the most tokens.
/// Returns None if the connector has only one tool.
fn dearest<'f>(draft: &Draft, facts: &'f Facts) -> Option<&'f str> {
    let has_choice =
        |tool: &&Inspected| draft.asks.iter().any(|(key, _)| *key == tool.name || *key == tool.route);
    let tools = facts.inspection.tools.iter();
    let dearest =
        tools.filter(|tool| tool.effect == "read" && !has_choice(tool)).max_by_key(|tool| tool.tokens);
    dearest.filter(|_| facts.inspection.tools.len() > 1).map(|tool| tool.route.as_str())
}

fn tables(text: &mut Text, draft: &Draft, facts: &Facts) {
    if draft.outside {
        text.blank();
        text.line("[references]\noutside = true");
    }
    let auth = draft.auth.tables();
    if !auth.is_empty() {
        text.blank();
        text.say(
            "How requests authenticate, which the document does not say. Secrets are never in this file.",
        );
        text.line(auth.trim_end());
    }
    // A scheme that Jackfield derived from a parameter is not declared in the document, so a table for it would be invalid.
    let is_declared = |name: &String| facts.declared.contains(name) || draft.auth.scheme() == Some(name);
    if let Some((scheme, field)) = facts.credentials.iter().find(|(name, _)| is_declared(name)) {
        text.blank();
        text.say("A program that prints the credential, instead of a variable or the vault (`auth set`).");
        // If `auth` declares a scheme, the table of this scheme exists already.
        if !auth.contains("[auth.schemes.") {
            text.offer(&format!("[auth.schemes.{}]", toml_key(scheme)));
        }
        text.offer(&format!("command = {{ {field} = [\"pass\", \"show\", \"service\"] }}"));
    }
    let mut table = "";
    for (of, line) in setting_lines(&facts.inspection.constants) {
        if of != table {
            text.blank();
            text.say("An argument with one value for all calls becomes a setting.");
            text.offer(&format!("[{of}]"));
            table = of;
        }
        text.offer(&line);
    }
    asks(text, draft, facts);
    let Some(first) = facts.inspection.tools.first() else { return };
    text.blank();
    text.say("Better names and descriptions, by tool.");
    text.offer("[rename]");
    text.offer(&format!("{} = \"a_better_name\"", first.name));
    text.blank();
    text.offer("[describe]");
    text.offer(&format!("{} = \"What it does, and when to use it.\"", first.name));
    if let Some((tool, argument)) = &facts.optional {
        text.blank();
        text.say(
            "What calls can set: hide, fix, default, rename, values and describe, by tool and argument.",
        );
        text.offer(&format!("[arguments.{tool}]"));
        text.offer(&format!("{} = {{ hide = true }}", toml_key(argument)));
    }
    text.blank();
    text.say("How often each caller may call each tool.");
    text.offer("[rate]");
    text.offer("calls = \"60/min\"");
    text.blank();
    text.say("Values of replies that models never read; `items` and `keep` shorten replies.");
    text.offer("[replies.\"*\"]");
    text.offer("redact = [\"$..password\"]");
}

fn asks(text: &mut Text, draft: &Draft, facts: &Facts) {
    let destroying = facts.tools_that(Effect::Destroy);
    text.blank();
    text.say("Calls that wait until a person approves them: always or never. Otherwise the effect and `serve --ask` decide.");
    if !destroying.is_empty() {
        text.say(&shorten(&format!("These destroy something: {}", destroying.join(", ")), COMMENT));
    }
    if draft.asks.is_empty() {
        text.offer("[ask]");
        let write = facts.tools_that(Effect::Write);
        let example = destroying.first().or(write.first()).copied();
        let first = facts.inspection.tools.first().map(|tool| tool.name.as_str());
        if let Some(example) = example.or(first) {
            text.offer(&format!("{example} = \"always\""));
        }
        return;
    }
    text.line("[ask]");
    for (selector, value) in &draft.asks {
        text.line(&format!("{} = \"{value}\"", toml_key(selector)));
    }
}

/// The lines of a TOML file.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }

    /// Adds a comment. Texts of the document stay on its line.
    fn say(&mut self, text: &str) {
        self.line(&format!("# {}", visible_line(text)));
    }

    /// Adds a line that has no effect until its `#` is removed.
    fn offer(&mut self, line: &str) {
        self.line(&format!("#{line}"));
    }

    fn list(&mut self, key: &str, items: &[String]) {
        let line = format!("{key} = [{}]", listed(items));
        if line.chars().count() <= LINE {
            return self.line(&line);
        }
        self.line(&format!("{key} = ["));
        items.iter().for_each(|item| self.line(&format!("    {},", toml_text(item))));
        self.line("]");
    }
}
