//! Parameters that hold a credential, so that authentication fills them.

use std::collections::BTreeMap;

use jackfield_model::text::{one_line, shorten};
use jackfield_model::{
    Connector, Diagnostic, Location, Need, Operation, Requirement, Scheme, SchemeKind, WireName, WireSlot,
};

use super::census::{Census, Parameter};
use super::choices::ParameterChoices;
use super::findings;
use super::steps::remove;

/// The maximum number of alternatives of an operation.
const MOST_ALTERNATIVES: usize = 64;

/// How many optional credentials are tried in every combination.
const MOST_COMBINED: usize = 3;

/// How many characters of a description are kept.
const LONGEST: usize = 160;

/// A scheme that fills a parameter.
struct Filler {
    scheme: WireName,
    location: Location,
    wire: String,
    /// Whether the document declares it.
    is_declared: bool,
    operations: usize,
}

/// Fills parameters that have the name and the place of a declared scheme, and headers named like a secret on nearly
/// all operations. Returns the finding about them.
pub(super) fn fill(
    connector: &mut Connector,
    census: &Census,
    choices: &ParameterChoices,
) -> Option<Diagnostic> {
    let mut fillers: Vec<Filler> = connector.schemes.iter().filter_map(declared).collect();
    let authorization = authorization(connector, census);
    for filler in undeclared(connector, census, choices, &fillers) {
        let (scheme, filler) = filler;
        connector.schemes.push(scheme);
        fillers.push(filler);
    }
    connector.schemes.sort_by(|a, b| a.name.cmp(&b.name));
    let Connector { groups, schemes, .. } = connector;
    let slots: BTreeMap<WireName, WireSlot> =
        schemes.iter().map(|scheme| (scheme.name.clone(), scheme.kind.slot())).collect();
    let (mut first, mut authorized) = (None, 0);
    for operation in groups.iter_mut().flat_map(|group| &mut group.operations) {
        let (mut must, mut may) = (Vec::new(), Vec::new());
        for filler in &mut fillers {
            let (location, wire) = (filler.location, filler.wire.as_str());
            let is_it = |at: Location, name: &str| at == location && at.is_same_name(name, wire);
            let found = operation.recipe.iter().filter_map(|step| Parameter::of(step, operation));
            let Some(found) = found.into_iter().find(|it| is_it(it.location, it.wire)) else { continue };
            if choices.keeps(location, found.wire) {
                continue;
            }
            let is_required = found.is_required;
            remove(operation, is_it);
            filler.operations += 1;
            first.get_or_insert_with(|| operation.place.clone());
            let slot = WireSlot::of_key(location, wire);
            let fills = |need: &Need| slots.get(&need.scheme) == Some(&slot);
            if operation.security.iter().any(|requirement| requirement.needs.iter().any(fills)) {
                continue;
            }
            if is_required { must.push(filler.scheme.clone()) } else { may.push(filler.scheme.clone()) }
        }
        if let Some((scheme, stated)) = authorization.as_ref().zip(operation.stated.authorization.as_ref()) {
            let slot = slots.get(scheme);
            let fills = |need: &Need| slots.get(&need.scheme) == slot;
            let is_filled = operation.security.iter().any(|requirement| requirement.needs.iter().any(fills));
            if !is_filled {
                authorized += 1;
                first.get_or_insert_with(|| operation.place.clone());
                if stated.required { must.push(scheme.clone()) } else { may.push(scheme.clone()) }
            }
        }
        require(operation, &must, &may, &slots);
    }
    let filled: Vec<(&Filler, bool)> =
        fillers.iter().filter(|it| it.operations > 0).map(|it| (it, it.is_declared)).collect();
    let filled = filled.into_iter().map(|(filler, is_declared)| findings::Filled {
        scheme: filler.scheme.clone(),
        location: filler.location,
        wire: filler.wire.clone(),
        is_declared,
        operations: filler.operations,
    });
    let authorization = authorization.filter(|_| authorized > 0).map(|scheme| findings::Filled {
        scheme,
        location: Location::Header,
        wire: "Authorization".to_owned(),
        is_declared: false,
        operations: authorized,
    });
    findings::credentials(connector, &filled.chain(authorization).collect::<Vec<_>>(), first?)
}

/// The scheme that fills the header `Authorization`, if operations declare it as a parameter: one that the document
/// declares, or one that is made because nearly all operations have the header.
fn authorization(connector: &mut Connector, census: &Census) -> Option<WireName> {
    let of_header = WireSlot::of_key(Location::Header, WireSlot::AUTHORIZATION);
    let stated =
        || connector.operations().filter_map(|it| Some((it.stated.authorization.as_ref()?, &it.place)));
    let (first, place) = stated().next()?;
    let mut declared: Vec<&Scheme> =
        connector.schemes.iter().filter(|scheme| scheme.kind.slot() == of_header).collect();
    // One that other operations require comes first.
    declared.sort_by_key(|scheme| !connector.needs().any(|need| need.scheme == scheme.name));
    if let Some(scheme) = declared.first() {
        return Some(scheme.name.clone());
    }
    if !census.has_authorization {
        return None;
    }
    let says = |word: &str| stated().any(|(it, _)| it.description.to_ascii_lowercase().contains(word));
    let wire = WireName::from("Authorization");
    let kind = if says("bearer") {
        SchemeKind::Bearer
    } else if says("basic") {
        SchemeKind::Basic
    } else {
        SchemeKind::ApiKey { location: Location::Header, wire: wire.clone() }
    };
    let numbered = (2..).map(|number| format!("Authorization-{number}"));
    let mut names = std::iter::once(wire.to_string()).chain(numbered);
    let name = names.find(|name| !connector.schemes.iter().any(|scheme| scheme.is_called(name)))?;
    let mut scheme = Scheme::new(WireName::from(name.as_str()), place.clone(), kind);
    scheme.description = first_sentence(&first.description);
    connector.schemes.push(scheme);
    Some(WireName::from(name.as_str()))
}

/// The filler of a declared scheme that has a parameter of its own.
fn declared(scheme: &Scheme) -> Option<Filler> {
    let SchemeKind::ApiKey { .. } = &scheme.kind else { return None };
    let (location, wire) = scheme.kind.parameter()?;
    let wire = wire.to_owned();
    Some(Filler { scheme: scheme.name.clone(), location, wire, is_declared: true, operations: 0 })
}

/// Schemes for the headers that look like a secret on nearly all operations.
fn undeclared(
    connector: &Connector,
    census: &Census,
    choices: &ParameterChoices,
    declared: &[Filler],
) -> Vec<(Scheme, Filler)> {
    let mut made: Vec<(Scheme, Filler)> = Vec::new();
    for operation in connector.operations() {
        for found in operation.recipe.iter().filter_map(|step| Parameter::of(step, operation)) {
            let is_known = |other: &Filler| {
                other.location == Location::Header && Location::Header.is_same_name(&other.wire, found.wire)
            };
            let is_new = found.location == Location::Header
                && census.secrets.contains(&found.wire.to_ascii_lowercase())
                && !choices.keeps(found.location, found.wire)
                && !declared.iter().any(is_known)
                && !made.iter().any(|(_, filler)| is_known(filler));
            if !is_new {
                continue;
            }
            let taken = |name: &str| {
                let schemes = connector.schemes.iter().chain(made.iter().map(|(scheme, _)| scheme));
                schemes.into_iter().any(|scheme| scheme.is_called(name))
            };
            let numbered = (2..).map(|number| format!("{}-{number}", found.wire));
            let Some(name) = std::iter::once(found.wire.to_owned()).chain(numbered).find(|name| !taken(name))
            else {
                continue;
            };
            let kind = SchemeKind::ApiKey { location: Location::Header, wire: WireName::from(found.wire) };
            let mut scheme = Scheme::new(WireName::from(name.as_str()), operation.place.clone(), kind);
            let said = found.schema.as_value().get("description").and_then(|said| said.as_str());
            scheme.description = first_sentence(said.unwrap_or_default());
            let filler = Filler {
                scheme: scheme.name.clone(),
                location: Location::Header,
                wire: found.wire.to_owned(),
                is_declared: false,
                operations: 0,
            };
            made.push((scheme, filler));
        }
    }
    made
}

/// The first sentence of a description.
fn first_sentence(said: &str) -> String {
    let line = one_line(said);
    let sentence = line.split(". ").next().unwrap_or_default();
    shorten(sentence.strip_suffix('.').unwrap_or(sentence), LONGEST)
}

/// Adds schemes to the alternatives of an operation: those that it must have to each, and those that it may have in
/// alternatives that are tried before.
fn require(
    operation: &mut Operation,
    must: &[WireName],
    may: &[WireName],
    slots: &BTreeMap<WireName, WireSlot>,
) {
    if must.is_empty() && may.is_empty() {
        return;
    }
    let mut old = std::mem::take(&mut operation.security);
    if old.is_empty() {
        old.push(Requirement::default());
    }
    let mut new: Vec<Requirement> = Vec::new();
    for requirement in old {
        let requirement = with(&requirement, must, slots);
        for some in combinations(may) {
            let alternative = with(&requirement, &some, slots);
            if new.len() < MOST_ALTERNATIVES && !new.contains(&alternative) {
                new.push(alternative);
            }
        }
    }
    if new.iter().any(|requirement| !requirement.needs.is_empty()) {
        operation.security = new;
    }
}

/// The requirement together with schemes whose slots it does not fill.
fn with(
    requirement: &Requirement,
    schemes: &[WireName],
    slots: &BTreeMap<WireName, WireSlot>,
) -> Requirement {
    let mut needs = requirement.needs.clone();
    for scheme in schemes {
        let slot = slots.get(scheme);
        if !needs.iter().any(|need| slots.get(&need.scheme) == slot) {
            needs.push(Need { scheme: scheme.clone(), scopes: Vec::new() });
        }
    }
    needs.sort_by(|a, b| a.scheme.cmp(&b.scheme));
    Requirement { needs }
}

/// The combinations of optional schemes, larger ones first, the empty one last.
fn combinations(schemes: &[WireName]) -> Vec<Vec<WireName>> {
    if schemes.len() > MOST_COMBINED {
        let single = schemes.iter().map(|scheme| vec![scheme.clone()]);
        return std::iter::once(schemes.to_vec()).chain(single).chain([Vec::new()]).collect();
    }
    let chosen = |bits: usize| -> Vec<WireName> {
        let at = schemes.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
        at.map(|(_, scheme)| scheme.clone()).collect()
    };
    let mut all: Vec<Vec<WireName>> = (0..1_usize << schemes.len()).map(chosen).collect();
    all.sort_by_key(|some| std::cmp::Reverse(some.len()));
    all
}
