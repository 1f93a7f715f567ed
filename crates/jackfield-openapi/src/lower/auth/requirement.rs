//! What operations need.

use std::collections::BTreeMap;

use jackfield_model::text::toml_key;
use jackfield_model::{Code, Diagnostic, Need, Place, Requirement, Scheme, SchemeKind, WireName, WireSlot};
use serde_json::Value;

use super::scope::{distinct, scopes};
use crate::document::Node;

/// More alternatives of one operation are not kept. The longest lists of real documents have about ten.
const MOST_ALTERNATIVES: usize = 64;

/// A requirement of more schemes is left out: every operation that inherits it would carry them all.
const MOST_TOGETHER: usize = 64;

/// The requirements of operations, and findings about them: each kind is reported once for the document.
#[derive(Default)]
pub(crate) struct Security {
    /// The requirements of operations without `security`, in a document without it.
    required: Vec<Requirement>,
    /// Where each scheme stands in the list of schemes, by all of its names.
    by_name: BTreeMap<String, usize>,
    /// Whether an operation with an empty list inherits what the document requires.
    inherit_empty: bool,
    /// The document's requirements, once an operation has inherited them.
    inherited: Option<Alternatives>,
    /// By name: the first place that requires the scheme, and how many operations do.
    undeclared: BTreeMap<String, (Place, usize)>,
    /// Pairs of schemes that were required together and fill one slot.
    conflicts: Vec<Conflict>,
    first_conflict: Option<Place>,
    first_capped: Option<Place>,
    first_empty: Option<Place>,
    /// Operations with a `security` of their own that asks for nothing.
    empty: usize,
    /// Operations that require a scheme which nothing declares.
    lacking: usize,
    operations: usize,
}

/// The alternatives of a `security`.
#[derive(Clone, Default)]
struct Alternatives {
    list: Vec<Requirement>,
    /// Schemes that it names and nothing declares, each once.
    undeclared: Vec<(String, Place)>,
}

/// Two schemes of one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Conflict {
    one: WireName,
    other: WireName,
    slot: WireSlot,
}

impl Security {
    pub(crate) fn new(schemes: &[Scheme], required: Vec<Requirement>, inherit_empty: bool) -> Self {
        let names = schemes.iter().enumerate().flat_map(|(at, scheme)| {
            let names = scheme.aliases.iter().chain([&scheme.name]);
            names.map(move |name| (name.as_str().to_owned(), at))
        });
        Self { by_name: names.collect(), required, inherit_empty, ..Self::default() }
    }

    fn declared<'s>(&self, schemes: &'s [Scheme], name: &str) -> Option<&'s Scheme> {
        schemes.get(*self.by_name.get(name)?)
    }

    /// Whether an operation has inherited what the document, or the user in its stead, requires.
    pub(crate) const fn has_heirs(&self) -> bool {
        self.inherited.is_some()
    }

    /// How many operations require a scheme that nothing declares.
    pub(crate) const fn lacking(&self) -> usize {
        self.lacking
    }

    /// Whether an operation has an empty list of its own.
    pub(crate) const fn has_empty(&self) -> bool {
        self.empty > 0
    }
}

/// Whether a `security` is `[]` or `[{}]`.
fn asks_for_nothing(list: &Node<'_>) -> bool {
    list.value()
        .as_array()
        .is_some_and(|list| list.iter().all(|one| one.as_object().is_some_and(serde_json::Map::is_empty)))
}

impl Security {
    /// The alternatives that authenticate an operation: its own, else the document's, else those that the user chose.
    pub(crate) fn requirements(
        &mut self,
        operation: &Node<'_>,
        schemes: &[Scheme],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Requirement> {
        self.operations += 1;
        let own = operation.get("security");
        if let Some(own) = own.as_ref().filter(|own| asks_for_nothing(own)) {
            self.empty += 1;
            self.first_empty.get_or_insert_with(|| own.place());
        }
        let found = match own.filter(|own| !self.inherit_empty || !asks_for_nothing(own)) {
            Some(own) => self.read(&own, schemes, diagnostics),
            None => match self.inherited.clone() {
                Some(inherited) => inherited,
                // Read once, so that what is wrong with it is reported once.
                None => {
                    let read = match operation.document.root().get("security") {
                        Some(list) => self.read(&list, schemes, diagnostics),
                        None => self.chosen(schemes, &operation.place()),
                    };
                    self.inherited = Some(read.clone());
                    read
                }
            },
        };
        self.lacking += usize::from(!found.undeclared.is_empty());
        for (name, place) in found.undeclared {
            self.undeclared.entry(name).or_insert((place, 0)).1 += 1;
        }
        found.list
    }

    /// The alternatives that the user chose, for a document without `security`.
    fn chosen(&mut self, schemes: &[Scheme], place: &Place) -> Alternatives {
        let mut list = Vec::new();
        for requirement in std::mem::take(&mut self.required) {
            let needs = self.named(requirement.needs, schemes);
            self.add(needs, schemes, place, &mut list);
        }
        Alternatives { list, undeclared: Vec::new() }
    }

    fn read(
        &mut self,
        list: &Node<'_>,
        schemes: &[Scheme],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Alternatives {
        let mut found = Alternatives::default();
        if list.value().as_array().is_none() {
            diagnostics.push(
                Diagnostic::warning(
                    Code::MalformedSecurity,
                    list.place(),
                    format!("`security` is a list of alternatives, and this is {}", list.kind()),
                )
                .so("it counts as one alternative, as it stands")
                .help("put a `-` in front of it"),
            );
            self.read_one(list, schemes, diagnostics, &mut found);
            return found;
        }
        for node in list.items() {
            self.read_one(&node, schemes, diagnostics, &mut found);
        }
        found
    }

    /// Reads one alternative. A scheme that nothing declares cannot be sent, so it falls away; what is declared is
    /// needed all the same.
    fn read_one(
        &mut self,
        node: &Node<'_>,
        schemes: &[Scheme],
        diagnostics: &mut Vec<Diagnostic>,
        found: &mut Alternatives,
    ) {
        if let Some(scheme) = node.value().as_str().and_then(|name| self.declared(schemes, name)) {
            // `- token` where `- token: []` was meant.
            let needs = vec![Need { scheme: scheme.name.clone(), scopes: Vec::new() }];
            return self.add(needs, schemes, &node.place(), &mut found.list);
        }
        let mut refuse = |problem: String| {
            diagnostics.push(
                Diagnostic::warning(Code::MalformedSecurity, node.place(), problem)
                    .so("this alternative is left out; where none is left, requests go out without a credential")
                    .help("write it as in `- apiKey: []`"),
            );
        };
        let Some(map) = node.as_object() else {
            let kind = node.kind();
            return refuse(format!(
                "a security requirement is a mapping of schemes to scopes, and this is {kind}"
            ));
        };
        if map.len() > MOST_TOGETHER {
            return refuse(format!(
                "{} schemes are required together, and no more than {MOST_TOGETHER} can be",
                map.len()
            ));
        }
        let mut needs = Vec::new();
        for (name, asked) in map {
            let Some(scheme) = self.declared(schemes, name) else {
                if found.undeclared.len() < MOST_TOGETHER
                    && !found.undeclared.iter().any(|(known, _)| known == name)
                {
                    found.undeclared.push((name.clone(), node.place().child(name)));
                }
                continue;
            };
            let written = asked.as_array().into_iter().flatten().filter_map(Value::as_str);
            let scopes = match scheme.kind {
                SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => scopes(written),
                // Roles, which only people read: they may be several words.
                _ => distinct(written.map(str::to_owned)),
            };
            needs.push(Need { scheme: scheme.name.clone(), scopes });
        }
        // An empty alternative says that nothing is needed, which is not what the document said here.
        if map.is_empty() || !needs.is_empty() {
            let needs = self.named(needs, schemes);
            self.add(needs, schemes, &node.place(), &mut found.list);
        }
    }

    /// Adds what one requirement comes to: itself, or one alternative for each choice among the schemes that fill the
    /// same slot, since only one of them can be sent.
    fn add(&mut self, needs: Vec<Need>, schemes: &[Scheme], place: &Place, list: &mut Vec<Requirement>) {
        let mut slots: Vec<(WireSlot, Vec<Need>)> = Vec::new();
        for need in needs {
            let Some(scheme) = self.declared(schemes, need.scheme.as_str()) else { continue };
            let slot = scheme.kind.slot();
            match slots.iter_mut().find(|(taken, _)| *taken == slot) {
                Some((slot, rivals)) => {
                    let one = rivals[0].scheme.clone();
                    let conflict = Conflict { one, other: need.scheme.clone(), slot: slot.clone() };
                    if !self.conflicts.contains(&conflict) && self.conflicts.len() < MOST_ALTERNATIVES {
                        self.conflicts.push(conflict);
                    }
                    self.first_conflict.get_or_insert_with(|| place.clone());
                    rivals.push(need);
                }
                None => slots.push((slot, vec![need])),
            }
        }
        // The choices are counted like digits of a number, the last slot changing first: no product is ever held.
        let mut chosen = vec![0; slots.len()];
        loop {
            let mut needs: Vec<Need> =
                slots.iter().zip(&chosen).map(|((_, rivals), at)| rivals[*at].clone()).collect();
            needs.sort_by(|a, b| a.scheme.cmp(&b.scheme));
            let requirement = Requirement { needs };
            if !list.contains(&requirement) {
                if list.len() == MOST_ALTERNATIVES {
                    self.first_capped.get_or_insert_with(|| place.clone());
                    return;
                }
                list.push(requirement);
            }
            let Some(at) = (0..slots.len()).rev().find(|at| chosen[*at] + 1 < slots[*at].1.len()) else {
                return;
            };
            chosen[at] += 1;
            chosen[at + 1..].fill(0);
        }
    }

    /// The needs by their schemes' own names, those of one scheme joined: a login may be declared by several names.
    fn named(&self, needs: Vec<Need>, schemes: &[Scheme]) -> Vec<Need> {
        let mut joined: Vec<Need> = Vec::new();
        for need in needs {
            let scheme = self.declared(schemes, need.scheme.as_str());
            let name = scheme.map_or(need.scheme, |scheme| scheme.name.clone());
            match joined.iter_mut().find(|known| known.scheme == name) {
                Some(known) => {
                    let both = std::mem::take(&mut known.scopes).into_iter().chain(need.scopes);
                    known.scopes = distinct(both);
                }
                None => joined.push(Need { scheme: name, scopes: need.scopes }),
            }
        }
        joined
    }

    /// The findings about all of it, one of each kind; of schemes that nothing declares, one each.
    pub(crate) fn findings(self, root: &Node<'_>) -> Vec<Diagnostic> {
        let mut found: Vec<Diagnostic> = Vec::new();
        found.extend(self.conflict());
        found.extend(self.first_capped.clone().map(|place| {
            Diagnostic::warning(
                Code::TooManyAlternatives,
                place,
                format!("there are more than {MOST_ALTERNATIVES} ways to authenticate an operation"),
            )
            .so(format!("the first {MOST_ALTERNATIVES} are kept"))
            .help("say in `security` which schemes are enough; an overlay can do it")
        }));
        found.extend(self.forgotten(root));
        found.extend(self.undeclared.into_iter().map(|(name, (place, operations))| {
            let count = if operations == 1 { "1 operation".to_owned() } else { format!("{operations} operations") };
            Diagnostic::warning(
                Code::UndefinedScheme,
                place,
                format!("no security scheme is called `{name}`, and {count} need it"),
            )
            .so("nothing is sent for it; where nothing else is needed, requests go out without a credential")
            .help(format!(
                "declare it in connector.toml, where `type` may also be \"basic\", or \"api_key\" with `in` and \
                 `name`:\n\n[auth.schemes.{}]\ntype = \"bearer\"\n",
                toml_key(&name)
            ))
            .help_many("declare each in connector.toml, with a `type` under [auth.schemes.NAME]; --all shows the lines")
        }));
        found
    }

    /// A note that schemes which were required together are taken for alternatives.
    fn conflict(&self) -> Option<Diagnostic> {
        let (first, place) = (self.conflicts.first()?, self.first_conflict.clone()?);
        let Conflict { one, other, slot } = first;
        let more = match self.conflicts.len() - 1 {
            0 => String::new(),
            1 => "; so does 1 other pair".to_owned(),
            more => format!("; so do {more} other pairs"),
        };
        Some(
            Diagnostic::note(
                Code::ConflictingSchemes,
                place,
                format!("`{one}` and `{other}` are required together, and both fill the {slot}{more}"),
            )
            .so("only one can be sent, so they count as alternatives, each together with what else is required")
            .help("nothing has to be done; `jackfield inspect` shows the alternatives of each tool"),
        )
    }

    /// A warning where the document requires something and nearly every operation says that it needs nothing.
    fn forgotten(&self, root: &Node<'_>) -> Option<Diagnostic> {
        // Nine in ten: services have a few open operations, and no service is open but for a few.
        let nearly_all = self.operations > 1 && self.empty * 10 >= self.operations * 9;
        let requires = root.get("security").is_some_and(|list| !asks_for_nothing(&list));
        let place = self.first_empty.clone().filter(|_| nearly_all && requires && !self.inherit_empty)?;
        Some(
            Diagnostic::warning(
                Code::EmptySecurity,
                place,
                format!(
                    "the document requires a credential, and {} of {} operations say `security: []`, which needs none",
                    self.empty, self.operations
                ),
            )
            .so("their requests go out without a credential")
            .help(
                "if the service wants one, have them inherit what the document requires, in connector.toml:\n\n\
                 [auth]\ninherit_empty = true\n",
            ),
        )
    }
}
