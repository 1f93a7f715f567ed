//! Compares the tools of a server with the tools of the connectors beside it.

use std::collections::HashMap;

use jackfield_build::model::Code;

use super::super::list_entry::ListEntry as _;
use super::super::lookalike::latin_letter;
use super::entry::ListedTool;
use super::finding::{Findings, Gravity};

/// The minimum number of characters of a name that is recognised within a text.
const SHORTEST_MENTION: usize = 6;

/// A connector beside which a server is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherConnector {
    /// The name of the connector.
    pub name: String,
    /// The names of its tools.
    pub tools: Vec<String>,
}

/// Reports tools that have the name of another connector's tool, look like one, or talk about one.
pub(super) fn tools(tools: &[ListedTool], others: &[OtherConnector], found: &mut Findings) {
    let all = || {
        others.iter().flat_map(|other| other.tools.iter().map(|tool| (other.name.as_str(), tool.as_str())))
    };
    let mut by_shape: HashMap<String, (&str, &str)> = HashMap::new();
    let mut by_name: HashMap<&str, &str> = HashMap::new();
    for (connector, tool) in all() {
        by_shape.entry(shape(tool)).or_insert((connector, tool));
        by_name.entry(tool).or_insert(connector);
    }
    for tool in tools {
        let name = tool.name.as_str();
        if let Some(connector) = by_name.get(name) {
            let problem = format!("the tool `{name}` has the name of a tool of `{connector}`");
            let consequence = "a model may call one for the other";
            found.add(Code::ShadowedTool, Gravity::Warning, Some(name), problem, consequence);
        } else if let Some((connector, other)) = by_shape.get(&shape(name)) {
            let problem = format!("the tool `{name}` looks like `{other}`, a tool of `{connector}`");
            let consequence = "people and models confuse the two";
            let (code, gravity) = match name.is_ascii() {
                true => (Code::ShadowedTool, Gravity::Warning),
                false => (Code::LookalikeName, Gravity::Danger),
            };
            found.add(code, gravity, Some(name), problem, consequence);
        }
        let is_own = |word: &str| tools.iter().any(|tool| tool.name == word);
        let mentioned = mentions(tool.text("description")).find_map(|word| Some((word, by_name.get(word)?)));
        if let Some((other, connector)) = mentioned.filter(|(word, _)| !is_own(word)) {
            let problem = format!(
                "the description of the tool `{name}` talks about `{other}`, a tool of `{connector}`"
            );
            let consequence = "the text may change how a model uses the other connector";
            found.add(Code::ShadowedTool, Gravity::Warning, Some(name), problem, consequence);
        }
    }
}

/// Returns the letters and digits of a name in lower case, with look-alike letters as Latin letters.
fn shape(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric()).map(|c| latin_letter(c).unwrap_or(c));
    letters.flat_map(char::to_lowercase).collect()
}

/// Returns the words of a text that can only be names, such as `send_mail`, but not ordinary words, such as `search`.
fn mentions(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')));
    words.map(|word| word.trim_matches(['-', '.'])).filter(|word| {
        let inner_capital = word.chars().skip(1).any(|c| c.is_ascii_uppercase())
            && word.chars().any(|c| c.is_ascii_lowercase());
        word.len() >= SHORTEST_MENTION && (word.contains('_') || inner_capital || word.contains('.'))
    })
}
