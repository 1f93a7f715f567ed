//! Checks every name and every string of an entry for instructions, hidden characters and credentials.

use std::collections::HashSet;

use jackfield_build::model::{Code, is_invisible};
use serde_json::{Map, Value};

use super::super::hidden::hidden_in;
use super::super::instruction::hostile_order_in;
use super::super::lookalike::latin;
use super::super::secret::{is_random_secret, known_in};
use super::finding::{Findings, Gravity};

/// The maximum number of values of an entry that are checked.
const MOST_VALUES: usize = 200_000;

/// Returns the instruction for a model in a text, or else a description of its hidden characters.
pub(crate) fn hostile_text_in(text: &str) -> Option<String> {
    hostile_order_in(text).or_else(|| hidden_in(text))
}

/// Checks the instructions of a server.
pub(super) fn instructions(text: &str, found: &mut Findings) {
    Texts { label: "the instructions of the server".to_owned(), tool: None, secrets: HashSet::new(), found }
        .check("", "", text);
}

/// Checks a tool, a prompt, a resource or a resource template.
pub(super) fn entry(kind: &str, entry: &Map<String, Value>, found: &mut Findings) {
    let name = ["name", "uri", "uriTemplate"].iter().find_map(|key| entry.get(*key)?.as_str());
    let name = name.unwrap_or_default();
    let mut texts = Texts {
        label: format!("the {kind} `{name}`"),
        tool: (kind == "tool").then_some(name),
        secrets: HashSet::new(),
        found,
    };
    let mut open: Vec<(String, &str, &Value)> = Vec::new();
    for (key, value) in entry.iter().rev() {
        open.push((key.clone(), key, value));
    }
    let mut left = MOST_VALUES;
    while let Some((path, key, value)) = open.pop() {
        if left == 0 {
            texts.too_large();
            return;
        }
        left -= 1;
        match value {
            Value::String(text) => texts.check(&path, key, text),
            Value::Array(items) => {
                let items = items.iter().enumerate().rev();
                open.extend(items.map(|(at, item)| (shortened(format!("{path}[{at}]")), key, item)));
            }
            Value::Object(map) => {
                for (name, value) in map.iter().rev() {
                    texts.check_key(&path, name);
                    // A default or example belongs to the property that contains it.
                    let owner =
                        if matches!(name.as_str(), "default" | "example" | "examples" | "const" | "enum") {
                            key
                        } else {
                            name
                        };
                    open.push((shortened(format!("{path}.{name}")), owner, value));
                }
            }
            _ => {}
        }
    }
}

/// Keeps the end of a long path.
fn shortened(path: String) -> String {
    const LONGEST: usize = 300;
    if path.len() <= LONGEST {
        return path;
    }
    let start = (path.len() - LONGEST..path.len()).find(|at| path.is_char_boundary(*at)).unwrap_or(0);
    format!("…{}", &path[start..])
}

/// The checks of the texts of one entry.
struct Texts<'f> {
    label: String,
    tool: Option<&'f str>,
    /// The credentials that were already reported.
    secrets: HashSet<String>,
    found: &'f mut Findings,
}

impl Texts<'_> {
    fn place(&self, path: &str) -> String {
        if path.is_empty() { self.label.clone() } else { format!("{} (`{path}`)", self.label) }
    }

    /// Checks a text. `key` is the name of the value.
    fn check(&mut self, path: &str, key: &str, text: &str) {
        let place = || if path.is_empty() { String::new() } else { format!(" (`{path}`)") };
        if let Some(order) = hostile_order_in(text) {
            let problem = format!("{}{} contains an instruction for a model: `{order}`", self.label, place());
            self.found.add(
                Code::InstructionText,
                Gravity::Danger,
                self.tool,
                problem,
                "a model may follow it as if the user had written it",
            );
        }
        if let Some(hidden) = hidden_in(text) {
            let problem = format!("{}{} contains {hidden}", self.label, place());
            self.found.add(
                Code::HiddenText,
                Gravity::Danger,
                self.tool,
                problem,
                "a person reads another text than the model",
            );
        }
        let problem = match known_in(text) {
            Some((what, shown)) => format!("{} may contain {what}: `{shown}`", self.place(path)),
            None if is_random_secret(key, text) => {
                let shown: String = text.chars().take(4).collect();
                format!("{} looks like a real credential: `{shown}…`", self.place(path))
            }
            None => return,
        };
        if self.secrets.insert(text.to_owned()) {
            self.found.add(
                Code::SecretExample,
                Gravity::Warning,
                self.tool,
                problem,
                "everyone who installs the server can use it, and a model may send it in a call",
            );
        }
    }

    /// Checks the name of a member, such as the name of an argument.
    fn check_key(&mut self, path: &str, name: &str) {
        if name.is_ascii() && !name.contains(' ') {
            return;
        }
        if name.chars().any(is_invisible) {
            let problem =
                format!("{} has the name `{name}`, which contains invisible characters", self.place(path));
            self.found.add(
                Code::InvisibleText,
                Gravity::Danger,
                self.tool,
                problem,
                "a person reads another name than the model",
            );
        } else if let Some(latin) = latin(name) {
            let problem = format!(
                "{} has the name `{name}`, which looks like `{latin}` but contains other letters",
                self.place(path)
            );
            self.found.add(
                Code::LookalikeName,
                Gravity::Danger,
                self.tool,
                problem,
                "people and models confuse it with the Latin name",
            );
        } else if let Some(order) = hostile_order_in(name) {
            let problem =
                format!("{} has a name with an instruction for a model: `{order}`", self.place(path));
            self.found.add(
                Code::InstructionText,
                Gravity::Danger,
                self.tool,
                problem,
                "a model may follow it as if the user had written it",
            );
        }
    }

    fn too_large(&mut self) {
        let problem = format!("{} is too large to be checked in full", self.label);
        self.found.add(
            Code::Limit,
            Gravity::Danger,
            self.tool,
            problem,
            "the texts beyond the limit were not examined",
        );
    }
}
