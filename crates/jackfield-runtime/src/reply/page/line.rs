//! The line of a result that describes its page.

use std::fmt::Write as _;

use jackfield_recipe::PageStyle;
use serde_json::{Map, Value, json};

use super::read::{NextPage, Page};
use crate::call::rows::Tool;

/// The maximum number of bytes of the arguments that the line repeats.
const LONGEST: usize = 4000;

impl Page {
    /// Returns one line: the number of items, and the exact call that gets the next page. `pages` is the number of joined pages, and
    /// `ended` says why no further page was joined.
    pub(crate) fn line(&self, tool: &Tool<'_>, called: &str, pages: usize, ended: Option<&str>) -> String {
        let mut line = String::new();
        let items = |count: u64| if count == 1 { "item" } else { "items" };
        if pages > 1 {
            _ = write!(line, "{pages} pages");
        }
        match (self.count, self.total) {
            (Some(count), Some(total)) => {
                let with = if line.is_empty() { "" } else { " with " };
                _ = write!(line, "{with}{count} of {total} {}", items(total));
            }
            (Some(count), None) => {
                let with = if line.is_empty() { "" } else { " with " };
                _ = write!(line, "{with}{count} {}", items(u64::try_from(count).unwrap_or(u64::MAX)));
            }
            (None, Some(total)) => {
                let of = if line.is_empty() { "A page" } else { "" };
                _ = write!(line, "{of} of {total} {}", items(total));
            }
            (None, None) if line.is_empty() => {}
            (None, None) => {}
        }
        if let Some(shown) = self.shown {
            let are = if shown == 1 { "is" } else { "are" };
            _ = write!(line, ", of which {shown} {are} shown");
        }
        if !line.is_empty() {
            line.push_str(". ");
        }
        if let Some(ended) = ended {
            _ = write!(line, "{ended}. ");
        }
        let remedy =
            || format!("the user can set `all_pages` in `[replies.{}]` of connector.toml", tool.name);
        match &self.next {
            NextPage::Call { arguments, is_certain } => {
                let is_counted = tool.paging.as_ref().is_some_and(|it| it.style == PageStyle::Offset);
                let next = match is_certain {
                    true if self.shown.is_some() && is_counted => "For the rest",
                    true => "For the next page",
                    false => "For the next page, if there is one",
                };
                _ = write!(line, "{next}, call {}", Self::call(tool, called, arguments));
            }
            NextPage::Address(_) => {
                let pages = if pages > 1 { "" } else { &format!("; {}", remedy()) };
                _ = write!(line, "Another page follows, which no argument of this tool selects{pages}.");
            }
            NextPage::OtherOrigin => {
                line.push_str("Another page follows at another origin, which this connector does not call.");
            }
            NextPage::Unknown => {
                line.push_str("Another page may follow, but the reply does not say how to get it.");
            }
            NextPage::Repeated => {
                line.push_str("The service names a page that was already read as the next page, so the pages would never end.");
            }
            NextPage::Last => line.push_str("This was the last page."),
        }
        line
    }

    fn call(tool: &Tool<'_>, called: &str, arguments: &Map<String, Value>) -> String {
        let as_called = tool.merged.map(|merged| merged.as_called(arguments.clone()));
        let whole = as_called.as_ref().unwrap_or(arguments);
        let whole = json!({ "name": called, "arguments": whole }).to_string();
        if whole.len() <= LONGEST {
            return whole;
        }
        let positions = tool.paging.iter().flat_map(|paging| {
            std::iter::once(paging.position).chain(paging.in_address.iter().map(|(_, argument)| *argument))
        });
        let changed: Map<String, Value> =
            positions.filter_map(|name| Some((name.to_owned(), arguments.get(name)?.clone()))).collect();
        format!("`{called}` with the same arguments and {}", Value::Object(changed))
    }
}
