//! Accepts single tools of a lock.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::unaccepted::plain;

/// The kinds of lines, in the order of a lock. An `ask` line follows the line of its tool.
const KINDS: [&str; 13] = [
    "accepted",
    "origin",
    "server",
    "tool-server",
    "scheme",
    "instructions",
    "merge",
    "documentation",
    "prompt",
    "resource",
    "texts",
    "requests",
    "tool",
];

/// The tools and origins that a user accepts.
#[derive(Clone, Debug, Default)]
pub struct AcceptedTools {
    /// The names of operations.
    pub operations: BTreeSet<String>,
    /// The names of merged tools.
    pub merges: BTreeSet<String>,
    /// The origins that the user names, as the lock spells them.
    pub origins: BTreeSet<String>,
}

impl AcceptedTools {
    /// Returns the lock `accepted` with new lines about these tools and origins. The new lines come from `made`, the lock that the current
    /// connector would have.
    pub fn lock(&self, accepted: &str, made: &str) -> String {
        let chosen: Vec<Line<'_>> = body(made).filter(|line| self.is_chosen(line)).collect();
        // A tool with the same route is the same tool, even if it was accepted under another name.
        let routes: BTreeSet<(&str, &str)> = chosen.iter().filter_map(Line::route).collect();
        let is_replaced = |line: &Line<'_>| {
            self.is_chosen(line) && !matches!(line.kind, "accepted" | "origin")
                || line.route().is_some_and(|route| routes.contains(&route))
        };
        let replaced: BTreeSet<&str> = body(accepted)
            .filter(|line| line.kind == "tool" && is_replaced(line))
            .map(|it| it.name)
            .collect();
        let kept = body(accepted).filter(|line| {
            let is_of_replaced = matches!(line.kind, "ask" | "resource") && replaced.contains(line.name);
            !is_replaced(line) && !is_of_replaced
        });
        let mut lines: Vec<Line<'_>> = kept.chain(chosen).collect();
        lines.sort();
        lines.dedup();
        let mut text = head(accepted, made);
        let made: Vec<Line<'_>> = body(made).filter(|line| line.kind == "scheme").collect();
        for line in lines {
            let same =
                made.iter().find(|other| line.kind == "scheme" && plain(other.text) == plain(line.text));
            text.push_str(&same.map_or_else(|| line.text.into(), |other| self.scheme(line.text, other.text)));
            text.push('\n');
        }
        text
    }

    /// Adds the newly accepted origins to the line of an accepted scheme, because the credential of the scheme now also goes to these
    /// origins.
    fn scheme<'t>(&self, accepted: &'t str, made: &str) -> Cow<'t, str> {
        let reached = |text| str::split(text, ' ').filter_map(|word| word.strip_prefix("to="));
        let mut origins: BTreeSet<&str> = reached(accepted).collect();
        let known = origins.len();
        origins.extend(reached(made).filter(|origin| self.origins.contains(*origin)));
        if origins.len() == known {
            return accepted.into();
        }
        let others = plain(accepted);
        let mut words: Vec<String> = others.split(' ').map(str::to_owned).collect();
        let end = words.len().min(4);
        words.splice(end..end, origins.iter().map(|origin| format!("to={origin}")));
        words.join(" ").into()
    }

    fn is_chosen(&self, line: &Line<'_>) -> bool {
        let names = match line.kind {
            "tool" | "ask" | "resource" => &self.operations,
            "merge" => &self.merges,
            "accepted" | "origin" => &self.origins,
            _ => return false,
        };
        names.contains(line.name)
    }
}

/// A line that is neither a comment nor a version. Lines sort in the order of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line<'t> {
    place: usize,
    name: &'t str,
    kind_within: usize,
    kind: &'t str,
    text: &'t str,
}

impl<'t> Line<'t> {
    fn of(text: &'t str) -> Self {
        let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
        let name = rest.split(' ').next().unwrap_or_default();
        let shown = if kind == "ask" { "tool" } else { kind };
        let place = KINDS.iter().position(|known| *known == shown).unwrap_or(KINDS.len());
        Self { place, name, kind_within: usize::from(kind == "ask"), kind, text }
    }

    /// Returns the method and path of a tool.
    fn route(&self) -> Option<(&'t str, &'t str)> {
        let mut words = self.text.split(' ').skip(4);
        (self.kind == "tool").then(|| Some((words.next()?, words.next()?)))?
    }
}

fn is_head(line: &str) -> bool {
    line.starts_with('#') || line.starts_with("contract ") || line.starts_with("format ")
}

fn body(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().filter(|line| !line.is_empty() && !is_head(line)).map(Line::of)
}

/// Returns the head of a lock that contains lines of both locks.
fn head(accepted: &str, made: &str) -> String {
    let comments = |text| str::lines(text).filter(|line| line.starts_with('#')).collect::<Vec<_>>();
    let (own, mut all) = (comments(accepted), comments(made));
    all.extend(own.into_iter().filter(|line| !made.lines().any(|known| known == *line)));
    let versions = made.lines().filter(|line| is_head(line) && !line.starts_with('#'));
    let lines: Vec<&str> = all.into_iter().chain(versions).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "\
# head
contract 1
format 4
origin https://a.example.com
server 1 https://a.example.com
scheme key api_key 01 to=https://a.example.com token=https://t.example.com
merge both read 01 a b
prompt p 01
tool a read 01 GET /a
tool b read 01 GET /b
ask b always
tool c read 01 GET /c
";
    const NEW: &str = "\
# head
# resource
contract 1
format 4
accepted https://e.example.com
origin https://a.example.com
origin https://e.example.com
server 1 https://b.example.com
scheme key api_key 01 to=https://e.example.com to=https://f.example.com token=https://t.example.com
merge both read 02 a b
prompt p 02
resource b 02 x://b
tool a read 02 GET /a
ask a never
tool b read 02 GET /b
tool d read 02 GET /c
tool e read 02 GET /e
";

    fn accepted(operations: &[&str], merges: &[&str], origins: &[&str]) -> String {
        let [operations, merges, origins] =
            [operations, merges, origins].map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        AcceptedTools { operations, merges, origins }.lock(OLD, NEW)
    }

    #[test]
    fn accepting_a_tool_replaces_only_the_lock_lines_of_that_tool() {
        for (operations, merges, origins, removed, added) in [
            (&[][..], &[][..], &[][..], &[][..], &[][..]),
            (&["a"], &[], &[], &["tool a read 01 GET /a"], &["tool a read 02 GET /a", "ask a never"]),
            (
                &["b"],
                &["both"],
                &[],
                &["merge both read 01 a b", "tool b read 01 GET /b", "ask b always"],
                &["merge both read 02 a b", "resource b 02 x://b", "tool b read 02 GET /b"],
            ),
            // An operation that now has another name.
            (&["d"], &[], &[], &["tool c read 01 GET /c"], &["tool d read 02 GET /c"]),
            (
                &["e"],
                &[],
                &["https://e.example.com"],
                &["scheme key api_key 01 to=https://a.example.com token=https://t.example.com"],
                &[
                    "accepted https://e.example.com",
                    "origin https://e.example.com",
                    "scheme key api_key 01 to=https://a.example.com to=https://e.example.com token=https://t.example.com",
                    "tool e read 02 GET /e",
                ],
            ),
        ] {
            let lock = accepted(operations, merges, origins);
            let lines = |text: &str| body(text).map(|line| line.text.to_owned()).collect::<BTreeSet<_>>();
            let mut expected = lines(OLD);
            removed.iter().for_each(|line| assert!(expected.remove(*line), "{line}"));
            expected.extend(added.iter().map(|line| (*line).to_owned()));
            assert_eq!(lines(&lock), expected, "{operations:?}");
            assert!(lock.starts_with("# head\n# resource\ncontract 1\nformat 4\n"), "{lock}");
        }
        let lock = accepted(&["a", "b"], &[], &[]);
        let tools: Vec<&str> =
            lock.lines().filter(|line| line.contains("tool ") || line.contains("ask ")).collect();
        assert_eq!(
            tools,
            ["tool a read 02 GET /a", "ask a never", "tool b read 02 GET /b", "tool c read 01 GET /c"]
        );
    }
}
