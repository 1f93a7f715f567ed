//! The text that a person reads before approving a call.

use std::fmt::Write as _;

use jackfield_recipe::{Effect, names_secret, percent_decode_lenient};

use super::outline::{MASK, shortened};
use crate::call::outgoing::Outgoing;
use crate::common::caller::{Caller, Channel};
use crate::engine::policy::approval::Review;
use crate::engine::prepared::Prepared;

/// The maximum number of characters of a title, a name or a description.
const MOST_WORDS: usize = 160;
/// The maximum number of characters of a URL.
const MOST_ADDRESS: usize = 600;

/// Describes a reviewed call in plain words: the tool, its effect, the arguments, the request line, and the
/// caller. The text contains no secrets and no control characters. Text from the document or the caller
/// always follows a label, so that it cannot imitate another line.
pub(crate) fn summary(connector: &str, review: &Review<'_>, caller: &Caller) -> String {
    let target = review.target;
    let kind = target.kind.as_str();
    let mut text = String::new();
    let effect = match target.effect {
        Effect::Read => "it only reads",
        Effect::Write => "it changes something",
        Effect::Destroy => "it removes something, or cannot be undone",
    };
    let merged = match review.prepared {
        Prepared::Http(prepared) => prepared.tool.get().merged,
        Prepared::Mcp(_) | Prepared::Custom(_) => None,
    };
    let name = match merged {
        Some(merged) => format!("{} ({})", merged.tool, target.name),
        None => target.name.to_owned(),
    };
    let _ = writeln!(text, "{kind} {} of {connector}: {effect}", shortened(&name, MOST_WORDS));
    let title = title(review.prepared);
    if !title.is_empty() {
        let _ = writeln!(text, "described as: {title}");
    }
    match review.prepared {
        Prepared::Http(prepared) => {
            let _ = writeln!(text, "request: {}", request_line(&prepared.outgoing));
        }
        Prepared::Mcp(prepared) => {
            let _ = writeln!(text, "request to the MCP server {}", shortened(&prepared.server, MOST_WORDS));
        }
        Prepared::Custom(_) => text.push_str("hand-written code, which may send any requests\n"),
    }
    let mut lines = review.outline.lines().peekable();
    text.push_str(if lines.peek().is_some() { "arguments:\n" } else { "no arguments\n" });
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
    let channel = match caller.channel() {
        Channel::Stdio => "over stdio",
        Channel::Http => "over HTTP",
        Channel::CommandLine => "from a shell",
    };
    let principal = shortened(&caller.principal().to_string(), MOST_WORDS);
    let _ = write!(text, "called by {principal} {channel}");
    if let Some(agent) = caller.agent() {
        let _ = write!(text, ", by a program that calls itself {}", shortened(&agent.name, 60));
    }
    text
}

/// Returns the title of a tool, or the first line of its description.
fn title(prepared: &Prepared) -> String {
    let (title, description) = match prepared {
        Prepared::Http(prepared) => {
            let tool = prepared.tool.get();
            (tool.title, tool.description)
        }
        Prepared::Custom(prepared) => match &prepared.tool {
            Some(tool) => (tool.title.as_str(), tool.description.as_str()),
            None => ("", ""),
        },
        Prepared::Mcp(_) => ("", ""),
    };
    let said = if title.is_empty() { description.lines().next().unwrap_or_default() } else { title };
    shortened(said.trim(), MOST_WORDS)
}

/// Returns the method and the complete URL, without the values of query parameters that look like secrets.
fn request_line(outgoing: &Outgoing) -> String {
    let url = outgoing.open_url();
    let (address, query) = url.split_once('?').unwrap_or((&url, ""));
    let mut line = format!("{} {address}", outgoing.method());
    for (at, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_secret = names_secret(&String::from_utf8_lossy(&percent_decode_lenient(name)));
        line.push(if at == 0 { '?' } else { '&' });
        match (is_secret, pair.contains('=')) {
            (true, true) => line.extend([name, "=", MASK]),
            (false, true) => line.extend([name, "=", value]),
            (_, false) => line.push_str(name),
        }
    }
    if let Some(socket) = outgoing.socket() {
        let _ = write!(line, " through {}", socket.display());
    }
    shortened(&line, MOST_ADDRESS)
}

#[cfg(test)]
mod tests;
