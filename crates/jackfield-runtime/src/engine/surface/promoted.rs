//! The tools that the `promoted` surface lists.

use std::collections::BTreeMap;

use jackfield_recipe::Effect;

use crate::call::rows::{Connector, Tool};

/// The maximum number of tools that are promoted automatically.
const MOST: usize = 5;
/// The maximum number of resources whose tools are promoted.
const RESOURCES: usize = 3;
/// The maximum number of tokens of a tool that is promoted automatically. Listing a larger tool would
/// cost a client more tokens than finding the tool with the search.
const MOST_TOKENS: usize = 800;

/// Returns the names of the promoted tools: the tools that connector.toml names, or else reads of the resources with the most tools.
///
/// The tool that lists the resource with the most tools comes first, then the tool that gets one item of it, then the same tools of the
/// next resources.
pub(crate) fn promoted(connector: &Connector<'_>) -> Vec<String> {
    if !connector.promoted.is_empty() {
        return connector.promoted.iter().map(|name| (*name).to_owned()).collect();
    }
    let mut resources: BTreeMap<&str, Resource<'_>> = BTreeMap::new();
    // Merged tools are not chosen, because they have several paths. connector.toml can promote them.
    for tool in connector.called_tools() {
        let Some((name, is_item)) = resource(tool.path) else { continue };
        let resource = resources.entry(name).or_default();
        resource.tools += 1;
        let is_short = tool.tokens <= MOST_TOKENS;
        if tool.effect == Effect::Read && tool.method == "GET" && is_short {
            let place = if is_item { &mut resource.item } else { &mut resource.list };
            let depth = |tool: &Tool<'_>| tool.path.matches('/').count();
            if place.is_none_or(|kept| depth(tool) < depth(kept)) {
                *place = Some(tool);
            }
        }
    }
    let mut central: Vec<(&str, Resource<'_>)> =
        resources.into_iter().filter(|(_, it)| it.list.is_some() || it.item.is_some()).collect();
    central.sort_by(|one, other| other.1.tools.cmp(&one.1.tools).then_with(|| one.0.cmp(other.0)));
    let tools = central.iter().take(RESOURCES).flat_map(|(_, it)| [it.list, it.item]).flatten();
    tools.take(MOST).map(|tool| tool.name.to_owned()).collect()
}

/// The tools of a REST resource, such as `books`.
#[derive(Default)]
struct Resource<'a> {
    tools: usize,
    list: Option<&'a Tool<'a>>,
    item: Option<&'a Tool<'a>>,
}

/// Returns the last literal segment of a path, and whether a variable follows it: `/shops/{id}/books/{isbn}` is an item of `books`.
fn resource(path: &str) -> Option<(&str, bool)> {
    let mut segments = path.trim_matches('/').rsplit('/');
    let last = segments.next()?;
    if !last.contains('{') {
        return (!last.is_empty()).then_some((last, false));
    }
    segments.find(|segment| !segment.contains('{')).map(|name| (name, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::rows::Group;

    fn row(name: &'static str, method: &'static str, path: &'static str) -> Tool<'static> {
        let effect = if method == "GET" { Effect::Read } else { Effect::Write };
        Tool::new(name, method, path, |_, _| Ok(())).effect(effect)
    }

    #[test]
    fn tools_that_list_and_get_central_resources_are_promoted() {
        let rows = [
            row("list_books", "GET", "/v1/books"),
            row("list_shop_books", "GET", "/v1/shops/{id}/books"),
            row("get_book", "GET", "/v1/books/{id}"),
            row("create_book", "POST", "/v1/books"),
            row("list_shops", "GET", "/v1/shops"),
            row("get_shop", "GET", "/v1/shops/{id}"),
            row("create_report", "POST", "/v1/reports"),
            row("ping", "GET", "/v1/ping"),
        ];
        let tools: Vec<&Tool<'_>> = rows.iter().collect();
        let groups = [Group::new("shop", &tools)];
        let connector = Connector::new("shop").groups(&groups);
        assert_eq!(promoted(&connector), ["list_books", "get_book", "list_shops", "get_shop", "ping"]);
        let chosen = ["create_report"];
        assert_eq!(promoted(&connector.promoted(&chosen)), ["create_report"]);
        assert_eq!(promoted(&Connector::new("empty")), [""; 0]);
    }
}
