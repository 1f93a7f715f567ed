//! The format of the files in `tests/connectors`, which their README.md describes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jackfield_testkit::Answer;
use serde::Deserialize;

/// The calls of a connector.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// Variables of the connector, without its prefix.
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) vendor: Option<Vendor>,
    worked: Call,
    pub(crate) recipe: Vec<Call>,
}

/// The document that the vendor publishes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vendor {
    /// The name of the file in the corpus.
    pub(crate) document: String,
    /// Lines of connector.toml that the document needs.
    #[serde(default)]
    pub(crate) manifest: String,
    /// Headers that no call through the document sends, each with the reason.
    #[serde(default)]
    lacks: BTreeMap<String, String>,
}

impl Vendor {
    /// Removes from a request the headers that calls through the vendor's document do not send.
    pub(crate) fn without_what_it_lacks(&self, request: &str) -> String {
        let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
        let lacks =
            |line: &&str| line.split_once(": ").is_some_and(|(name, _)| self.lacks.contains_key(name));
        let head: Vec<&str> = head.lines().filter(|line| !lacks(line)).collect();
        let body = if body.is_empty() { String::new() } else { format!("\n\n{body}") };
        format!("{}{}", head.join("\n"), body)
    }
}

/// A call of a tool.
#[derive(Debug, Deserialize)]
pub(crate) struct Call {
    pub(crate) tool: String,
    arguments: String,
    #[serde(flatten)]
    pub(crate) exchange: Exchange,
    /// Further requests of the same call.
    #[serde(default)]
    then: Vec<Exchange>,
    result: String,
    #[serde(default)]
    pub(crate) is_error: bool,
    pub(crate) vendor: Option<Differs>,
}

/// A request and the reply of the service.
#[derive(Debug, Deserialize)]
pub(crate) struct Exchange {
    request: String,
    /// The body, if it cannot be written in `request`.
    body: Option<String>,
    pub(crate) reply: String,
}

/// The differences of a call through the vendor's document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Differs {
    /// The reason, for readers.
    #[serde(rename = "why")]
    _why: String,
    /// Whether the document lacks the operation.
    #[serde(default)]
    pub(crate) absent: bool,
    /// The route of the operation in that document, such as `GET /weather` below a longer server.
    pub(crate) route: Option<String>,
    pub(crate) arguments: Option<String>,
    pub(crate) request: Option<String>,
}

impl Data {
    /// Reads the file of a connector.
    pub(crate) fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors").join(format!("{name}.toml"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn worked(&self) -> &Call {
        &self.worked
    }

    /// Returns the worked call and the calls of the recipe.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
        std::iter::once(&self.worked).chain(&self.recipe)
    }
}

impl Call {
    pub(crate) fn arguments(&self) -> &str {
        self.arguments.trim()
    }

    pub(crate) fn result(&self) -> &str {
        self.result.trim_end_matches('\n')
    }

    pub(crate) fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        std::iter::once(&self.exchange).chain(&self.then)
    }
}

impl Exchange {
    /// Returns the whole request, with the line ends of its body.
    pub(crate) fn request(&self) -> String {
        let head = self.request.trim_end_matches('\n');
        match &self.body {
            None => head.to_owned(),
            Some(body) => format!("{head}\n\n{body}"),
        }
    }

    /// Returns the text of the reply.
    pub(crate) fn reply(&self) -> &str {
        self.reply.trim_end_matches('\n')
    }
}

/// Reads a reply: `HTTP/1.1 200 OK`, headers, an empty line, the body.
pub(crate) fn answer(text: &str) -> Answer {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let status = first.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.split(' ').next()?.parse().ok());
    let status = status.unwrap_or_else(|| panic!("`{first}` is not a status line such as `HTTP/1.1 200 OK`"));
    let mut answer = Answer::empty(status);
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("`{line}` is not a header"));
        answer = answer.header(name, value);
    }
    answer.body = body.trim_end_matches('\n').as_bytes().to_vec();
    answer
}
