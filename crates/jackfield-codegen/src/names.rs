//! Every tool name and identifier, decided once, before anything is printed.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase as _;
use jackfield_model::{Connector, Group, Operation, RustIdent, ToolName};

use crate::digest::Digest;

/// How long a tool's name may be: hosts put `mcp__server__` in front, and model APIs refuse more than 64 in all.
const LONGEST: usize = 40;

/// The names that the user chose, by `operationId` or by route (`GET /books`).
pub type Renames = BTreeMap<String, ToolName>;

/// The tools of a connector with all their names.
#[derive(Clone, Debug)]
pub struct Surface<'m> {
    /// In the order of the model.
    pub groups: Vec<ToolGroup<'m>>,
}

/// The tools of one tag.
#[derive(Clone, Debug)]
pub struct ToolGroup<'m> {
    /// The module, and so the file.
    pub module: RustIdent,
    /// What the document says of it.
    pub group: &'m Group,
    /// In the order of the document.
    pub tools: Vec<NamedTool<'m>>,
}

/// An operation as a tool.
#[derive(Clone, Debug)]
pub struct NamedTool<'m> {
    /// What clients call.
    pub name: ToolName,
    /// The mapping function.
    pub function: RustIdent,
    /// The row.
    pub row: RustIdent,
    /// What it does.
    pub operation: &'m Operation,
}

impl<'m> Surface<'m> {
    /// Names everything. A name depends on its operation and on those it collides with, never on the order of the
    /// document.
    pub fn new(connector: &'m Connector, renames: &Renames) -> Self {
        let mut tools = tool_names(connector, renames).into_iter();
        let mut modules = Taken::of(["mod", "schemas"]);
        let groups = connector
            .groups
            .iter()
            .map(|group| {
                let mut functions = Taken::default();
                // `TOOLS` is the list of the group.
                let mut rows = Taken::of(["TOOLS"]);
                let named = group.operations.iter().zip(&mut tools).map(|(operation, name)| {
                    let function = functions.take(&identifier(name.as_str()));
                    let row = rows.take(&function.as_str().to_uppercase());
                    NamedTool { name, function, row, operation }
                });
                let named = named.collect();
                ToolGroup { module: modules.take(&module(group.tag.as_str())), group, tools: named }
            })
            .collect();
        Self { groups }
    }

    /// Every tool, group by group.
    pub fn tools(&self) -> impl Iterator<Item = &NamedTool<'m>> {
        self.groups.iter().flat_map(|group| &group.tools)
    }
}

/// The tool names in the order of the model.
fn tool_names(connector: &Connector, renames: &Renames) -> Vec<ToolName> {
    let operations: Vec<&Operation> = connector.operations().collect();
    let wanted: Vec<Wanted> = operations.iter().map(|operation| Wanted::of(operation, renames)).collect();
    let mut claims: BTreeMap<&str, Vec<&Wanted>> = BTreeMap::new();
    for wanted in &wanted {
        claims.entry(&wanted.name).or_default().push(wanted);
    }
    let mut taken = BTreeSet::new();
    wanted
        .iter()
        .map(|wanted| {
            let rivals = &claims[wanted.name.as_str()];
            let best = rivals.iter().map(|rival| rival.claim).max();
            let mine = Some(wanted.claim) == best
                && rivals.iter().filter(|rival| Some(rival.claim) == best).count() == 1;
            let mut name = if mine { wanted.name.clone() } else { with_hash(&wanted.name, &wanted.route, 6) };
            for digits in 7..=16 {
                if taken.contains(&name) {
                    name = with_hash(&wanted.name, &wanted.route, digits);
                }
            }
            for n in 2_usize.. {
                if taken.insert(name.clone()) {
                    break;
                }
                // One route twice, as two spellings of one path can be.
                name = with_hash(&wanted.name, &format!("{}#{n}", wanted.route), 6);
            }
            ToolName::new(name).expect("the spelling below is one that tools may have")
        })
        .collect()
}

/// The name that an operation asks for, and by what right.
struct Wanted {
    name: String,
    claim: Claim,
    route: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// Made from method and path.
    Route,
    /// Made from the operationId.
    Id,
    /// The operationId as it stands.
    Exact,
    /// The user's choice.
    Chosen,
}

impl Wanted {
    fn of(operation: &Operation, renames: &Renames) -> Self {
        let route = operation.route();
        let id = operation.id.as_ref().map(|id| id.as_str());
        let chosen = renames.get(&route).or_else(|| renames.get(id?));
        if let Some(chosen) = chosen {
            return Self { name: chosen.to_string(), claim: Claim::Chosen, route };
        }
        let from_id = id.map(snake).filter(|name| name.bytes().any(|b| b.is_ascii_alphanumeric()));
        let (name, claim) = match from_id {
            Some(name) => {
                let claim = if Some(name.as_str()) == id { Claim::Exact } else { Claim::Id };
                (name, claim)
            }
            None => (snake(&format!("{} {}", operation.method, path_words(&operation.path))), Claim::Route),
        };
        if name.len() <= LONGEST {
            return Self { name, claim, route };
        }
        // The hash is of the whole name, so that names with a long common beginning stay apart, and stable.
        let source = id.unwrap_or(&route).to_owned();
        Self { name: with_hash(&name, &source, 6), claim, route }
    }
}

/// The path in words; the root has one too.
fn path_words(path: &str) -> String {
    let words = path.split('?').next().unwrap_or_default().replace(['{', '}'], " ");
    if words.bytes().any(|b| b.is_ascii_alphanumeric()) { words } else { "root".to_owned() }
}

/// `listBooks` -> `list_books`, `get /v1/{id}.json` -> `get_v1_id_json`.
fn snake(text: &str) -> String {
    let words: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    words.to_snake_case()
}

/// The beginning of a name, cut between words, and digits that tell it from others.
fn with_hash(name: &str, source: &str, digits: usize) -> String {
    let digest = Digest::of([source.as_bytes()]);
    let room = LONGEST - 1 - digits;
    let mut stem = &name[..name.len().min(room)];
    if stem.len() < name.len() && !name[stem.len()..].starts_with('_') {
        stem = stem.rfind('_').filter(|at| *at > room / 2).map_or(stem, |at| &stem[..at]);
    }
    format!("{}_{}", stem.trim_end_matches(['_', '-']), digest.short(digits))
}

/// Identifiers of one namespace, each once.
#[derive(Default)]
struct Taken(BTreeSet<String>);

impl Taken {
    fn of<const N: usize>(words: [&str; N]) -> Self {
        Self(words.into_iter().map(str::to_owned).collect())
    }

    fn take(&mut self, wanted: &str) -> RustIdent {
        let numbered = (2..).map(|n| format!("{wanted}_{n}"));
        let candidates = [wanted.to_owned(), format!("{wanted}_")].into_iter().chain(numbered);
        let mut usable = candidates.filter_map(|name| RustIdent::new(name).ok());
        let free = usable.find(|name| !self.0.contains(name.as_str())).expect("numbers do not end");
        self.0.insert(free.to_string());
        free
    }
}

/// A tool's name as an identifier.
fn identifier(name: &str) -> String {
    let snake = snake(name);
    match snake.chars().next() {
        None => "tool".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{snake}"),
        Some(_) => snake,
    }
}

/// A tag's name as a module, and so as a file that every system can hold.
fn module(tag: &str) -> String {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let mut name = snake(tag);
    if name.len() > 60 {
        let digest = Digest::of([tag.as_bytes()]);
        name = format!("{}_{}", name[..50].trim_end_matches('_'), digest.short(6));
    }
    let numbered_device = ["com", "lpt"].iter().any(|device| {
        name.strip_prefix(device)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    });
    match name.chars().next() {
        None => "group".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{name}"),
        Some(_) if DEVICES.contains(&name.as_str()) || numbered_device => format!("{name}_group"),
        Some(_) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tool_names_are_snake_case() {
        for (id, name) in [
            ("listBooks", "list_books"),
            ("GetAPIKeys", "get_api_keys"),
            ("books/list-all", "books_list_all"),
            ("日本", ""),
        ] {
            assert_eq!(snake(id), name, "{id}");
        }
        assert_eq!(path_words("/"), "root");
    }

    #[test]
    fn long_names_end_in_a_hash_of_the_whole() {
        let long = "a_name_that_goes_on_and_on_until_nobody_reads_it";
        let one = with_hash(long, "one", 6);
        assert!(one.len() <= LONGEST && one.starts_with("a_name_that_goes_on_and_on_until_"), "{one}");
        assert_ne!(one, with_hash(long, "two", 6));
    }

    #[test]
    fn identifiers_are_never_keywords_and_never_twice() {
        let mut taken = Taken::of(["TOOLS"]);
        assert_eq!(taken.take("type").as_str(), "type_");
        assert_eq!(taken.take("TOOLS").as_str(), "TOOLS_");
        assert_eq!(taken.take("TOOLS").as_str(), "TOOLS_2");
        assert_eq!(identifier("3d"), "n3d");
    }

    #[test]
    fn modules_are_files_that_every_system_can_hold() {
        for (tag, name) in [
            ("../../etc/passwd", "etc_passwd"),
            ("con", "con_group"),
            ("COM1", "com1_group"),
            ("", "group"),
            ("📚", "group"),
            ("3D", "n3d"),
        ] {
            assert_eq!(module(tag), name, "{tag}");
        }
    }
}
