//! The facts about a tool that the command gets, and the texts for which it is asked.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jackfield_build::model::is_invisible;
use jackfield_build::model::text::{one_line, shorten, toml_key};
use jackfield_build::{Document, Node};
use serde_json::{Value, json};

use super::check::Sources;
use super::digest;
use super::place::{self, ArgumentNames, Uses, is_in_root};
use super::short_schema::shortened;
use super::wanted::{Subject, Wanted};
use super::weakness::Weakness;
use crate::lint::{self, ListEntry as _, order_in};

/// The version of the material's format. After a change of the version, all texts are requested again.
pub(super) const FORMAT: &str = "jackfield-describe/1";

/// The maximum number of characters of a text of the document.
const LONGEST_TEXT: usize = 2_000;
/// The maximum number of characters of a text of a sibling.
const LONGEST_SIBLING: usize = 200;
/// The maximum number of characters of a name.
const LONGEST_NAME: usize = 200;
/// The maximum number of characters of a text of the document that is replaced. The facts of a longer text would not fit into the new text.
const LONGEST_REPLACED: usize = 500;
/// The maximum number of arguments that are listed and described.
const MOST_ARGUMENTS: usize = 40;
const MOST_DESCRIBED: usize = 12;
/// The maximum number of siblings.
const MOST_SIBLINGS: usize = 8;
/// The maximum number of tags.
const MOST_TAGS: usize = 8;
/// The maximum number of operations that are listed for a text that several operations share.
const MOST_SHARED: usize = 8;

/// The facts about a tool that the command gets.
pub(super) struct Material {
    pub(super) tool: String,
    /// The method and path, such as `GET /books`.
    pub(super) route: String,
    pub(super) weakness: Weakness,
    /// The part of the request that describes the tool.
    pub(super) json: Value,
    /// The digest of `json`.
    pub(super) digest: String,
    /// The requested texts. Never empty.
    pub(super) wanted: Vec<Wanted>,
}

/// Collects the material of tools.
pub(super) struct Collector<'s> {
    pub(super) subject: &'s lint::Subject,
    pub(super) document: &'s Document,
    /// The names of the arguments of each tool.
    pub(super) names: &'s [ArgumentNames],
    pub(super) uses: &'s Uses,
    /// For each shared target, the operation for which an earlier run requested the text.
    pub(super) holders: BTreeMap<String, String>,
    /// The shared targets whose texts were already requested for an earlier tool.
    pub(super) claimed: RefCell<BTreeSet<String>>,
}

impl Collector<'_> {
    /// Returns the material of a tool.
    ///
    /// # Errors
    /// Returns the reason if no overlay can describe the tool.
    pub(super) fn material(
        &self,
        at: usize,
        weakness: Weakness,
        alike: &BTreeSet<usize>,
    ) -> Result<Material, String> {
        let tool = &self.subject.tools[at];
        if tool.is_merged() {
            return Err(format!(
                "it is a merged tool: [merge.{}] in connector.toml describes it",
                toml_key(&tool.name)
            ));
        }
        if crate::lint::Subject::has_choice("describe", tool) {
            return Err("[describe] in connector.toml describes it".to_owned());
        }
        if !is_in_root(self.document, &tool.place) {
            return Err(format!(
                "its operation is in {}, but overlays change only the document itself",
                tool.place.file
            ));
        }
        let Some(node) = self.document.node(&tool.place) else {
            return Err("its operation is not in the document".to_owned());
        };
        let wanted = self.wanted(at, tool, &node);
        let mut json = json!({
            "tool": tool.name,
            "operation": shorten(&tool.route, LONGEST_NAME),
            "effect": tool.effect.as_str(),
            "why": weakness.as_str(),
            "texts": {
                "summary": shorten(node.text("summary").unwrap_or_default(), LONGEST_TEXT),
                "description": shorten(node.text("description").unwrap_or_default(), LONGEST_TEXT),
            },
            "tags": tags(&node).into_iter().take(MOST_TAGS).map(|tag| shorten(tag, LONGEST_NAME)).collect::<Vec<_>>(),
            "arguments": arguments(tool),
            "siblings": self.siblings(at, alike),
        });
        json["wanted"] = wanted
            .iter()
            .map(|text| {
                let mut wanted =
                    json!({ "id": text.id(&tool.name), "text": text.subject.task(), "most": text.subject.most() });
                if !text.shared.is_empty() {
                    let shared = text.shared.iter().take(MOST_SHARED);
                    wanted["shared"] = shared.map(|route| shorten(route, LONGEST_NAME)).collect();
                }
                wanted
            })
            .collect();
        defuse(&mut json);
        let digest = digest::of([FORMAT.as_bytes(), json.to_string().as_bytes()]);
        Ok(Material { tool: tool.name.clone(), route: tool.route.clone(), weakness, json, digest, wanted })
    }

    /// Returns the texts to request: the texts of the operation, and descriptions of parameters and body properties that have none.
    fn wanted(&self, at: usize, tool: &lint::Tool, node: &Node<'_>) -> Vec<Wanted> {
        let target = tool.place.pointer.json_path();
        let texts = [(Subject::Summary, "summary"), (Subject::Description, "description")];
        let mut wanted: Vec<Wanted> = Vec::new();
        for (subject, key) in texts {
            let original = node.text(key).unwrap_or_default();
            if original.chars().count() <= LONGEST_REPLACED {
                let sources = self.sources_of_tool(tool, node);
                wanted.push(Wanted {
                    subject,
                    target: target.clone(),
                    original: original.to_owned(),
                    sources,
                    shared: Vec::new(),
                });
            }
        }
        for argument in place::arguments(self.document, &tool.place, &self.names[at]) {
            let listed = tool.properties().find(|(name, _)| **name == argument.argument);
            let Some((name, listed)) = listed else { continue };
            let described = [Some(&argument.node), argument.node.get("schema").as_ref()]
                .into_iter()
                .flatten()
                .any(|node| node.text("description").is_some_and(|text| !text.trim().is_empty()));
            if described || wanted.len() >= MOST_DESCRIBED {
                continue;
            }
            let shared = self.uses.sharing(&argument);
            if shared.is_some() && !self.claims(&argument.target, &tool.route) {
                continue;
            }
            let mut sources = Sources::default();
            sources.schema(argument.node.value());
            match shared {
                // A fact about one operation may be wrong for other operations that share the text.
                Some(_) => sources.text(name),
                None => {
                    known_about(tool, node, &mut sources);
                    sources.schema(listed);
                }
            }
            wanted.push(Wanted {
                subject: Subject::Argument(name.clone()),
                target: argument.target,
                original: String::new(),
                sources,
                shared: shared.unwrap_or_default().to_vec(),
            });
        }
        wanted
    }

    /// Returns whether this operation requests a text that several operations share. If an earlier run requested the text for one of the
    /// operations, the same operation requests it again. Otherwise, the first operation requests it.
    fn claims(&self, target: &str, route: &str) -> bool {
        match self.holders.get(target) {
            Some(holder) => holder == route,
            None => self.claimed.borrow_mut().insert(target.to_owned()),
        }
    }

    fn sources_of_tool(&self, tool: &lint::Tool, node: &Node<'_>) -> Sources {
        let mut sources = Sources::default();
        known_about(tool, node, &mut sources);
        for parameter in node.get("parameters").iter().flat_map(|list| list.items().collect::<Vec<_>>()) {
            parameter.target().iter().for_each(|parameter| sources.schema(parameter.value()));
        }
        if let Some(schema) = tool.listed.get("inputSchema") {
            sources.schema(schema);
        }
        sources.text(&self.subject.name);
        sources
    }

    /// Returns the tools that look like this tool, and the tools whose paths differ only in variables.
    fn siblings(&self, at: usize, alike: &BTreeSet<usize>) -> Vec<Value> {
        let tools = &self.subject.tools;
        let parent = |route: &str| {
            let path = route.split_once(' ').map_or(route, |(_, path)| path);
            let parts: Vec<&str> = path.split('/').filter(|part| !part.starts_with('{')).collect();
            parts.join("/")
        };
        let own = parent(&tools[at].route);
        let near =
            (0..tools.len()).filter(|other| !alike.contains(other) && parent(&tools[*other].route) == own);
        let others = alike.iter().copied().chain(near).filter(|other| *other != at).take(MOST_SIBLINGS);
        others
            .map(|other| {
                let tool = &tools[other];
                json!({
                    "tool": tool.name,
                    "operation": shorten(&tool.route, LONGEST_NAME),
                    "text": shorten(tool.text("description"), LONGEST_SIBLING),
                })
            })
            .collect()
    }
}

/// Removes invisible characters from all texts, and removes texts that contain instructions for a model.
fn defuse(value: &mut Value) {
    match value {
        Value::String(text) if order_in(text).is_some() => text.clear(),
        Value::String(text) => text.retain(|c| c == '\n' || !is_invisible(c)),
        Value::Array(items) => items.iter_mut().for_each(defuse),
        Value::Object(map) => map.values_mut().for_each(defuse),
        _ => {}
    }
}

/// Adds the texts of the document about the whole operation.
fn known_about(tool: &lint::Tool, node: &Node<'_>, sources: &mut Sources) {
    let id = tool.operation_id.as_deref();
    let texts =
        [Some(tool.name.as_str()), Some(&tool.route), id, node.text("summary"), node.text("description")];
    texts.into_iter().flatten().chain(tags(node)).for_each(|text| sources.text(text));
}

fn tags<'d>(node: &Node<'d>) -> Vec<&'d str> {
    let tags = node.get("tags");
    tags.iter()
        .flat_map(|tags| tags.items().collect::<Vec<_>>())
        .filter_map(|tag| tag.value().as_str())
        .collect()
}

/// Returns the arguments as clients see them.
fn arguments(tool: &lint::Tool) -> Vec<Value> {
    let schema = tool.listed.get("inputSchema");
    let defs = schema.and_then(|schema| schema.get("$defs"));
    let required: Vec<&str> = schema
        .and_then(|schema| schema.get("required")?.as_array())
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let arguments = tool.properties().take(MOST_ARGUMENTS).map(|(name, schema)| {
        json!({
            "name": one_line(name),
            "required": required.contains(&name.as_str()),
            "schema": shortened(schema, defs),
        })
    });
    arguments.collect()
}
