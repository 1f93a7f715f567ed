//! The names of tools and identifiers, chosen once, before anything is printed.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Connector, Group, Operation, RustIdent, ToolName};

use crate::brief::brief;
use crate::clean::{snake, wishes};
use crate::digest::Digest;

/// The maximum length of a generated name: hosts put `mcp__server__` in front, and model APIs refuse more than 64
/// characters in all.
pub const LONGEST: usize = 40;

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
    /// The module, which is also the file.
    pub module: RustIdent,
    /// The description of the tag.
    pub group: &'m Group,
    /// The tools, in the order of the document.
    pub tools: Vec<NamedTool<'m>>,
}

/// An operation as a tool.
#[derive(Clone, Debug)]
pub struct NamedTool<'m> {
    /// The name that clients call.
    pub name: ToolName,
    /// The identifier of the mapping function.
    pub function: RustIdent,
    /// The identifier of the row.
    pub row: RustIdent,
    /// The operation.
    pub operation: &'m Operation,
}

impl<'m> Surface<'m> {
    /// Names the tools of a connector.
    pub fn new(connector: &'m Connector, renames: &Renames) -> Self {
        Self::named(connector, tool_names(connector, renames, LONGEST))
    }

    /// Names the identifiers of a connector whose tool names are chosen.
    pub fn named(connector: &'m Connector, names: Vec<ToolName>) -> Self {
        let mut tools = names.into_iter();
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

/// Chooses the tool names in the order of the model; generated ones have at most `longest` characters. A name depends
/// on its operation and on those with similar names, never on the order of the document.
///
/// Each operation has a list of candidates. It gets the best one that no other operation has, or a name with digits
/// of its route. So no operation takes precedence, and one that is added to the document takes no name from another:
/// it can only make the names longer of those that share a candidate with it.
pub fn tool_names(connector: &Connector, renames: &Renames, longest: usize) -> Vec<ToolName> {
    let wanted: Vec<Wanted> = connector
        .groups
        .iter()
        .flat_map(|group| group.operations.iter().map(move |operation| (group, operation)))
        .map(|(group, operation)| Wanted::of(operation, group.tag.as_str(), renames, longest))
        .collect();
    let mut claims: BTreeMap<&str, usize> = BTreeMap::new();
    for wanted in &wanted {
        // A candidate that an operation has twice counts once.
        for wish in wanted.wishes().map(String::as_str).collect::<BTreeSet<_>>() {
            *claims.entry(wish).or_default() += 1;
        }
    }
    let mut chosen: BTreeMap<&str, usize> = BTreeMap::new();
    for name in wanted.iter().filter_map(|wanted| wanted.chosen.as_deref()) {
        *chosen.entry(name).or_default() += 1;
    }
    let echoes: BTreeSet<&String> = wanted.iter().flat_map(|wanted| &wanted.echoes).collect();
    let free = |wish: &&String| claims.get(wish.as_str()) == Some(&1) && !chosen.contains_key(wish.as_str());
    let mut taken = BTreeSet::new();
    wanted
        .iter()
        .map(|wanted| {
            let first = wanted.chosen.iter().filter(|name| chosen.get(name.as_str()) == Some(&1));
            let full = wanted.full.iter().filter(free);
            let brief = wanted.brief.iter().filter(free).filter(|wish| !echoes.contains(wish));
            let hashed = wanted.hashed.iter().filter(free);
            let last = wanted.hashed.last().map_or("", String::as_str);
            // Two spellings of one path can have the same route.
            let numbered = (2_usize..).map(|n| {
                let digest = Digest::of([format!("{}#{n}", wanted.route).as_bytes()]);
                with_hash(last, &digest, 6, longest)
            });
            let mut names = first.chain(full).chain(brief).chain(hashed).cloned().chain(numbered);
            let name = names.find(|name| !taken.contains(name)).expect("numbers do not end");
            taken.insert(name.clone());
            ToolName::new(name).expect("the spelling below is one that tools may have")
        })
        .collect()
}

/// The candidates of an operation, best first.
struct Wanted {
    chosen: Option<String>,
    /// Its name, if that is short enough.
    full: Vec<String>,
    /// Short forms of a name that is too long.
    brief: Vec<String>,
    /// The beginning of the name, with digits of its route.
    hashed: Vec<String>,
    /// Short forms of a name that is short enough. They are reserved but not used, so that no other operation takes
    /// them.
    echoes: Vec<String>,
    route: String,
}

impl Wanted {
    fn of(operation: &Operation, tag: &str, renames: &Renames, longest: usize) -> Self {
        let route = operation.route();
        let id = operation.id.as_ref().map(|id| id.as_str());
        let chosen = renames.get(&route).or_else(|| renames.get(id?)).map(ToString::to_string);
        let source = id.unwrap_or(&route);
        let plain = wishes(operation, tag);
        let whole = plain.last().cloned().unwrap_or_default();
        let (full, long): (Vec<String>, Vec<String>) =
            plain.into_iter().partition(|name| name.len() <= longest);
        let in_brief = |names: &[String]| names.iter().flat_map(|name| brief(name, longest)).collect();
        let brief: Vec<String> = in_brief(&long);
        let mut echoes: Vec<String> = in_brief(&full);
        echoes.retain(|echo| !brief.contains(echo));
        // The hash is of the whole name, so that names with a long common beginning stay apart, and stable.
        let (of_source, of_route) = (Digest::of([source.as_bytes()]), Digest::of([route.as_bytes()]));
        let hashed = long.iter().map(|name| with_hash(name, &of_source, 6, longest));
        let hashed =
            hashed.chain([6, 10, 16].map(|digits| with_hash(&whole, &of_route, digits, longest))).collect();
        Self { chosen, full, brief, hashed, echoes, route }
    }

    /// All candidates.
    fn wishes(&self) -> impl Iterator<Item = &String> {
        self.full.iter().chain(&self.brief).chain(&self.hashed)
    }
}

/// The beginning of a name, cut between words, with digits that tell it from others.
fn with_hash(name: &str, digest: &Digest, digits: usize, longest: usize) -> String {
    let room = longest.saturating_sub(1 + digits).max(1);
    // Other operations have its best short form too, otherwise it would need no digits.
    let shorter = if name.len() > room { brief(name, room).into_iter().take(2).next_back() } else { None };
    let name = shorter.as_deref().unwrap_or(name);
    let mut stem = &name[..name.len().min(room)];
    if stem.len() < name.len() && !name[stem.len()..].starts_with('_') {
        stem = stem.rfind('_').filter(|at| *at > room / 2).map_or(stem, |at| &stem[..at]);
    }
    format!("{}_{}", stem.trim_end_matches(['_', '-']), digest.short(digits))
}

/// Identifiers of one namespace, each used once.
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
    fn long_identifier_ends_in_a_hash_of_the_whole() {
        let long = "a_name_that_goes_on_and_on_until_nobody_reads_it";
        let one = with_hash(long, &Digest::of(["one".as_bytes()]), 6, LONGEST);
        assert!(one.len() <= LONGEST && one.starts_with("name_goes_until_nobody_reads_it_"), "{one}");
        let word = with_hash(&"long".repeat(20), &Digest::of(["one".as_bytes()]), 6, LONGEST);
        assert!(word.len() == LONGEST && word.starts_with("longlong"), "{word}");
        assert_ne!(one, with_hash(long, &Digest::of(["two".as_bytes()]), 6, LONGEST));
    }

    #[test]
    fn identifiers_are_unique_and_no_keywords() {
        let mut taken = Taken::of(["TOOLS"]);
        assert_eq!(taken.take("type").as_str(), "type_");
        assert_eq!(taken.take("TOOLS").as_str(), "TOOLS_");
        assert_eq!(taken.take("TOOLS").as_str(), "TOOLS_2");
        assert_eq!(identifier("3d"), "n3d");
    }

    #[test]
    fn module_name_is_a_valid_file_name_everywhere() {
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
