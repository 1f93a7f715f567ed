//! The security requirements of operations.

use std::collections::BTreeMap;

use jackfield_model::text::toml_key;
use jackfield_model::{Code, Diagnostic, Need, Place, Requirement, Scheme, SchemeKind, WireName, WireSlot};
use serde_json::Value;

use super::scope::{distinct, scopes};
use crate::document::Node;

/// The maximum number of alternatives of an operation. Real documents have at most about ten.
const MOST_ALTERNATIVES: usize = 64;

/// The maximum number of schemes of a requirement. It is limited because every operation that inherits the requirement gets a copy of all
/// of them.
const MOST_TOGETHER: usize = 64;

/// The requirements of operations, and the findings about them. Each kind of finding is reported once per
/// document.
#[derive(Default)]
pub(crate) struct Security {
    /// The requirements that the user chose for a document without `security`.
    required: Vec<Requirement>,
    /// The index of each scheme, by the scheme's name and aliases.
    by_name: BTreeMap<String, usize>,
    /// Whether operations with an empty `security` inherit the document's requirements.
    inherit_empty: bool,
    /// The document's requirements. Computed when the first operation inherits them.
    inherited: Option<Alternatives>,
    /// For each undeclared scheme, the first place that requires it, and the number of operations that
    /// require it.
    undeclared: BTreeMap<String, (Place, usize)>,
    /// Pairs of schemes that are required together and set the same header, parameter or cookie.
    conflicts: Vec<Conflict>,
    first_conflict: Option<Place>,
    first_capped: Option<Place>,
    first_empty: Option<Place>,
    /// The number of operations whose own `security` is empty.
    empty: usize,
    /// The number of operations that require an undeclared scheme.
    lacking: usize,
    operations: usize,
}

/// The alternatives in a `security` value.
#[derive(Clone, Default)]
struct Alternatives {
    list: Vec<Requirement>,
    /// The undeclared schemes in the value, without duplicates.
    undeclared: Vec<(String, Place)>,
}

/// Two schemes that set the same header, parameter or cookie.
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

    /// Whether an operation has inherited the requirements of the document, or of the user.
    pub(crate) const fn has_heirs(&self) -> bool {
        self.inherited.is_some()
    }

    /// Returns the number of operations that require an undeclared scheme.
    pub(crate) const fn lacking(&self) -> usize {
        self.lacking
    }

    /// Whether an operation has a `security` of its own that is empty.
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
    /// Returns the alternatives that authenticate an operation, from its own `security`, else from the `security` of
    /// the document, else from the requirements that the user chose.
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
                // The document's requirements are parsed once, so that their problems are reported once.
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

    /// Returns the alternatives that the user chose, for a document without `security`.
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
                    format!("`security` must be a list of alternatives, not {}", list.kind()),
                )
                .so("the value is treated as one alternative")
                .help("write it as a list item, with `- ` before it"),
            );
            self.read_one(list, schemes, diagnostics, &mut found);
            return found;
        }
        for node in list.items() {
            self.read_one(&node, schemes, diagnostics, &mut found);
        }
        found
    }

    /// Parses one alternative. An undeclared scheme is left out, and the declared schemes are still required.
    fn read_one(
        &mut self,
        node: &Node<'_>,
        schemes: &[Scheme],
        diagnostics: &mut Vec<Diagnostic>,
        found: &mut Alternatives,
    ) {
        if let Some(scheme) = node.value().as_str().and_then(|name| self.declared(schemes, name)) {
            // Parses `- token` like `- token: []`.
            let needs = vec![Need { scheme: scheme.name.clone(), scopes: Vec::new() }];
            return self.add(needs, schemes, &node.place(), &mut found.list);
        }
        let mut refuse = |problem: String| {
            diagnostics.push(
                Diagnostic::warning(Code::MalformedSecurity, node.place(), problem)
                    .so("this alternative is left out; if no alternative remains, requests are sent without a credential")
                    .help("write it as in `- apiKey: []`"),
            );
        };
        let Some(map) = node.as_object() else {
            let kind = node.kind();
            return refuse(format!(
                "a security requirement must be a mapping of schemes to scopes, not {kind}"
            ));
        };
        if map.len() > MOST_TOGETHER {
            return refuse(format!(
                "{} schemes are required together, but at most {MOST_TOGETHER} schemes can be required together",
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
                // Roles are text for people, and may consist of several words.
                _ => distinct(written.map(str::to_owned)),
            };
            needs.push(Need { scheme: scheme.name.clone(), scopes });
        }
        // An alternative whose schemes were all left out must not count as an alternative without credentials.
        if map.is_empty() || !needs.is_empty() {
            let needs = self.named(needs, schemes);
            self.add(needs, schemes, &node.place(), &mut found.list);
        }
    }

    /// Adds a requirement. If several of its schemes set the same header, parameter or cookie, adds an
    /// alternative for each of them, because only one can be sent.
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
        // Enumerates the combinations like a counter, so that they are never in memory all at once.
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

    /// Replaces aliases by the names of their schemes, and joins the scopes of one scheme.
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

    /// Returns the findings about requirements: one of each kind, and one for each undeclared scheme.
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
            .help("list fewer alternatives in `security`, for example with an overlay")
        }));
        found.extend(self.forgotten(root));
        found.extend(self.undeclared.into_iter().map(|(name, (place, operations))| {
            let count = match operations {
                1 => "1 operation requires".to_owned(),
                count => format!("{count} operations require"),
            };
            Diagnostic::warning(
                Code::UndefinedScheme,
                place,
                format!("no security scheme is called `{name}`, but {count} it"),
            )
            .so("no credential is sent for this scheme; operations that require only this scheme are called without a credential")
            .help(format!(
                "declare it in connector.toml, where `type` may also be \"basic\", or \"api_key\" with `in` and \
                 `name`:\n\n[auth.schemes.{}]\ntype = \"bearer\"\n",
                toml_key(&name)
            ))
            .help_many("declare each scheme in connector.toml, with a `type` under [auth.schemes.NAME]; --all shows the lines")
        }));
        found
    }

    /// Returns the note about schemes that are required together but count as alternatives.
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
                format!("`{one}` and `{other}` are required together, and both set the {slot}{more}"),
            )
            .so("a request can contain only one of the two, so they become alternatives, each together with the other required schemes")
            .help("no action is needed; `jackfield inspect` shows the alternatives of each tool"),
        )
    }

    /// Returns the warning about a document that requires a credential for almost no operation.
    fn forgotten(&self, root: &Node<'_>) -> Option<Diagnostic> {
        // The threshold is nine in ten: services often have a few operations without authentication, but rarely only a few operations with
        // authentication.
        let nearly_all = self.operations > 1 && self.empty * 10 >= self.operations * 9;
        let requires = root.get("security").is_some_and(|list| !asks_for_nothing(&list));
        let place = self.first_empty.clone().filter(|_| nearly_all && requires && !self.inherit_empty)?;
        Some(
            Diagnostic::warning(
                Code::EmptySecurity,
                place,
                format!(
                    "the document requires a credential, and {} of {} operations have `security: []`, which requires no credential",
                    self.empty, self.operations
                ),
            )
            .so("their requests are sent without a credential")
            .help(
                "if the service requires a credential, let these operations inherit the document's `security`, in connector.toml:\n\n\
                 [auth]\ninherit_empty = true\n",
            ),
        )
    }
}
