//! Chooses the name of each tool, over all operations of a document.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Connector, ToolName, side_by_side};

use super::brief::{Hints, brief, shortest};
use super::clean::{Wishes, wishes};
use super::merged_name::MergedName;
use super::number::singular;
use super::overview::Overview;
use super::route::{Segment, version_age};
use super::snake::snake;
use super::split::SplitOperation;
use crate::cores;
use crate::digest::Digest;

/// The maximum length of a generated name. Hosts add `mcp__server__` before it, and model APIs refuse more
/// than 64 characters in total.
pub const LONGEST: usize = 40;

/// The names that the user chose, by `operationId` or by route (`GET /books`).
pub type Renames = BTreeMap<String, ToolName>;

/// Names that are assigned before all others.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The names that the user chose.
    pub renames: Renames,
    /// The names in the committed lock, by route: a tool keeps its name when the document changes.
    pub kept: BTreeMap<String, ToolName>,
    /// The names in extensions of the document, by route.
    pub stated: BTreeMap<String, ToolName>,
}

/// A name, and whether the user chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenName {
    /// The name.
    pub name: ToolName,
    /// Whether the user chose it.
    pub is_renamed: bool,
    /// The merge that the operation is part of. Clients then call it by another name.
    pub merged: Option<MergedName>,
}

impl ChosenName {
    /// Returns the name with which clients call the operation: its own name, or the name of the tool into which it is
    /// merged.
    pub fn called(&self) -> &ToolName {
        self.merged.as_ref().map_or(&self.name, |merged| &merged.into.tool)
    }
}

/// Chooses the tool names in the order of the model. Generated names have at most `longest` characters.
///
/// The user's names are assigned first, then the names in the lock. Every other operation has a list of
/// candidates. In each round, all operations without a name propose their next candidate. A candidate that
/// only one operation proposes is assigned. If several operations propose it, it goes to the operation whose
/// operationId it is; otherwise to none of them. So the order of the document does not matter.
pub fn tool_names(connector: &Connector, names: &Names, longest: usize) -> Vec<ChosenName> {
    let most_cores = cores::most_for(connector.operations().count());
    let split: Vec<SplitOperation<'_>> =
        side_by_side(connector.operations(), most_cores, |(): &mut (), operation| {
            SplitOperation::of(operation)
        });
    let overview = Overview::of(&split);
    let tags = connector.groups.iter().flat_map(|group| group.operations.iter().map(|_| group.tag.as_str()));
    let wanted: Vec<Wanted<'_>> =
        side_by_side(split.iter().zip(tags), most_cores, |(): &mut (), (operation, tag)| {
            Wanted::of(operation, tag, &overview, longest)
        });
    let mut choice = Choice { taken: BTreeSet::new(), chosen: vec![None; wanted.len()] };
    let renamed = connector.operations().map(|operation| {
        let by_id = || names.renames.get(operation.id.as_ref()?.as_str());
        names.renames.get(&operation.route()).or_else(by_id)
    });
    choice.fix(renamed);
    let is_renamed: Vec<bool> = choice.chosen.iter().map(Option::is_some).collect();
    choice.fix(connector.operations().map(|operation| names.kept.get(&operation.route())));
    choice.fix(connector.operations().map(|operation| names.stated.get(&operation.route())));
    choice.propose(&wanted, |wanted| wanted.full.clone());
    // A short form is not used if it is the full name of another operation.
    choice.taken.extend(wanted.iter().flat_map(|wanted| &wanted.echoes).cloned());
    choice.propose(&wanted, |wanted| wanted.brief.clone());
    choice.propose(&wanted, |wanted| wanted.fallbacks(longest, &overview));
    choice.propose(&wanted, |wanted| wanted.hashed(longest, &overview));
    let Choice { mut taken, chosen } = choice;
    let all = wanted.iter().zip(chosen).zip(is_renamed).map(|((wanted, chosen), is_renamed)| {
        // Two spellings of one path can have the same route.
        let numbered = (2_usize..).map(|n| {
            let digest = Digest::of([format!("{}#{n}", wanted.route).as_bytes()]);
            let told = told(wanted.operation);
            with_hash(&wanted.whole, &digest, 6, longest, &Hints { counts: &overview.words, told: &told })
        });
        let name = chosen.or_else(|| numbered.into_iter().find(|name| taken.insert(name.clone())));
        let name = name.expect("the numbers are unlimited");
        ChosenName {
            name: ToolName::new(name).expect("candidates are valid tool names"),
            is_renamed,
            merged: None,
        }
    });
    all.collect()
}

/// The names chosen so far.
struct Choice {
    /// Names that no other operation may get.
    taken: BTreeSet<String>,
    /// The name of each operation.
    chosen: Vec<Option<String>>,
}

impl Choice {
    /// Assigns these names to operations that have none, except names that occur twice.
    fn fix<'n>(&mut self, given: impl Iterator<Item = Option<&'n ToolName>>) {
        let free = |(at, name): (usize, Option<&'n ToolName>)| {
            name.map(ToolName::as_str).filter(|name| self.chosen[at].is_none() && !self.taken.contains(*name))
        };
        let given: Vec<Option<&str>> = given.enumerate().map(free).collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for name in given.iter().flatten() {
            *counts.entry(name).or_default() += 1;
        }
        for (chosen, name) in self.chosen.iter_mut().zip(&given) {
            if let Some(name) = name.filter(|name| counts[name] == 1) {
                *chosen = Some(name.to_owned());
            }
        }
        self.taken.extend(counts.into_keys().map(str::to_owned));
    }

    /// Assigns names in rounds, in which operations without a name propose their next candidate. Candidates
    /// are computed only when they are needed.
    fn propose(&mut self, wanted: &[Wanted<'_>], candidates: impl Fn(&Wanted<'_>) -> Vec<String>) {
        let made = wanted.iter().zip(&self.chosen);
        let made: Vec<Vec<String>> =
            made.map(|(wanted, name)| if name.is_none() { candidates(wanted) } else { Vec::new() }).collect();
        let rounds = made.iter().map(Vec::len).max().unwrap_or_default();
        for round in 0..rounds {
            let mut proposed: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (at, made) in made.iter().enumerate().filter(|(at, _)| self.chosen[*at].is_none()) {
                if let Some(name) = made.get(round).filter(|name| !self.taken.contains(*name)) {
                    proposed.entry(name).or_default().push(at);
                }
            }
            for (name, mut by) in proposed {
                if by.len() > 1 {
                    by = preferred(by, |at| &wanted[at], name);
                }
                if let [at] = by.as_slice() {
                    self.chosen[*at] = Some(name.to_owned());
                }
                self.taken.insert(name.to_owned());
            }
        }
    }
}

/// Decides which operations keep a name that several operations propose: the operation whose operationId it is; else
/// the operation with the newest version, if the versions differ; else a PATCH instead of a PUT. The other operations
/// propose their next candidate.
fn preferred<'w>(by: Vec<usize>, wanted: impl Fn(usize) -> &'w Wanted<'w>, name: &str) -> Vec<usize> {
    let own: Vec<usize> = by.iter().copied().filter(|at| wanted(*at).whole == name).collect();
    let versions: BTreeSet<_> = by.iter().map(|at| wanted(*at).version.as_ref()).collect();
    if own.is_empty() && versions.len() == by.len() {
        let newest = versions.last().copied().flatten();
        return by.into_iter().filter(|at| wanted(*at).version.as_ref() == newest).collect();
    }
    // PUT replaces the resource that PATCH updates, so their names differ.
    let updates = own.is_empty() && name.split('_').any(|word| word == "update");
    if updates && by.iter().all(|at| ["PATCH ", "PUT "].iter().any(|it| wanted(*at).route.starts_with(it))) {
        return by.into_iter().filter(|at| wanted(*at).route.starts_with("PATCH ")).collect();
    }
    own
}

/// The candidates of an operation.
struct Wanted<'m> {
    /// The operationId, or a name made from the route.
    whole: String,
    /// Names that are short enough, best first.
    full: Vec<String>,
    /// Short forms of names that are too long.
    brief: Vec<String>,
    /// Names that are too long.
    long: Vec<String>,
    /// Further names, of any length.
    others: Vec<String>,
    /// Shorter forms of names that are already short enough.
    echoes: Vec<String>,
    /// The operationId, or the route.
    source: String,
    route: String,
    operation: &'m SplitOperation<'m>,
    /// The version in the path.
    version: Option<(bool, Vec<u64>)>,
}

impl<'m> Wanted<'m> {
    fn of(operation: &'m SplitOperation<'m>, tag: &str, overview: &Overview, longest: usize) -> Self {
        let route = operation.model.route();
        let source = operation.model.id.as_ref().map_or(route.as_str(), |id| id.as_str()).to_owned();
        let Wishes { names, fallbacks: others, whole } = wishes(operation, tag, overview);
        let (full, long): (Vec<String>, Vec<String>) =
            names.into_iter().partition(|name| name.len() <= longest);
        // Only names that are too long lose words.
        let told = if long.is_empty() { BTreeSet::new() } else { told(operation) };
        let hints = &Hints { counts: &overview.words, told: &told };
        let in_brief =
            |names: &[String]| names.iter().flat_map(|name| brief(name, longest, hints)).collect::<Vec<_>>();
        let (brief, mut echoes) = (in_brief(&long), in_brief(&full));
        echoes.retain(|echo| !brief.contains(echo) && !full.contains(echo));
        Self {
            whole,
            full,
            brief,
            long,
            others,
            echoes,
            source,
            route,
            operation,
            version: version_age(&operation.model.path),
        }
    }

    /// Adds further names: unchanged if they fit, then their short forms.
    fn fallbacks(&self, longest: usize, overview: &Overview) -> Vec<String> {
        let told = told(self.operation);
        let hints = &Hints { counts: &overview.words, told: &told };
        let (full, long): (Vec<&String>, Vec<&String>) =
            self.others.iter().partition(|name| name.len() <= longest);
        let brief = long.into_iter().flat_map(|name| brief(name, longest, hints));
        full.into_iter().cloned().chain(brief).collect()
    }

    /// Returns short forms that end in digits of a digest. The digest is computed from the operationId or the route, so that names with a
    /// long common beginning stay distinct.
    fn hashed(&self, longest: usize, overview: &Overview) -> Vec<String> {
        let told = told(self.operation);
        let hints = Hints { counts: &overview.words, told: &told };
        let (of_source, of_route) =
            (Digest::of([self.source.as_bytes()]), Digest::of([self.route.as_bytes()]));
        let by_source = self.long.iter().map(|name| with_hash(name, &of_source, 6, longest, &hints));
        let by_route = [6, 10, 16].map(|digits| with_hash(&self.whole, &of_route, digits, longest, &hints));
        by_source.chain(by_route).collect()
    }
}

/// Returns the words of the last path segment, and the words of the operationId that occur in it. They name the resource. The segment may
/// omit separators: `/ingressclasses`.
fn told(operation: &SplitOperation<'_>) -> BTreeSet<String> {
    let last = operation.segments.iter().rev().find_map(Segment::literal).unwrap_or_default();
    let (words, glued) = (snake(last), last.replace('_', ""));
    let id = operation.model.id.as_ref().map(|id| snake(id.as_str())).unwrap_or_default();
    let is_part = |word: &&str| word.len() > 2 && glued.contains(singular(word).as_ref());
    id.split('_').filter(is_part).chain(words.split('_')).map(str::to_owned).collect()
}

/// Returns a short form of a name, with digits that make it unique.
fn with_hash(whole: &str, digest: &Digest, digits: usize, longest: usize, hints: &Hints<'_>) -> String {
    let room = longest.saturating_sub(1 + digits).max(1);
    // Another operation has the same best short form, so the digits are added to the second-best form.
    let second = || brief(whole, room, hints).into_iter().take(2).next_back();
    let shorter = || second().unwrap_or_else(|| shortest(whole, room, hints));
    let name = if whole.len() > room { shorter() } else { whole.to_owned() };
    // A single word may be longer than the available length.
    let name = if name.is_empty() { whole } else { &name };
    let stem = &name[..name.len().min(room)];
    format!("{}_{}", stem.trim_end_matches(['_', '-']), digest.short(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_long_tool_name_is_shortened_and_ends_with_a_hash() {
        let (overview, told) = (Overview::default(), BTreeSet::new());
        let hints = Hints { counts: &overview.words, told: &told };
        let long = "a_name_that_goes_on_and_on_until_nobody_reads_it";
        let one = with_hash(long, &Digest::of(["one".as_bytes()]), 6, LONGEST, &hints);
        assert!(one.len() <= LONGEST && one.starts_with("name_goes_until_nobody_reads_it_"), "{one}");
        let word = with_hash(&"long".repeat(20), &Digest::of(["one".as_bytes()]), 6, LONGEST, &hints);
        assert!(word.len() == LONGEST && word.starts_with("longlong"), "{word}");
        assert_ne!(one, with_hash(long, &Digest::of(["two".as_bytes()]), 6, LONGEST, &hints));
    }
}
