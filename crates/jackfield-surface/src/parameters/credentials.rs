//! Parameters that are credentials, so that authentication sets them.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::text::{one_line, shorten};
use jackfield_model::{
    Connector, Diagnostic, Location, Need, Operation, Requirement, Scheme, SchemeKind, WireName, WireSlot,
};

use super::census::Census;
use super::choices::ParameterChoices;
use super::findings;
use super::parameter::{ParameterName, parameter_name, parameters};
use super::steps::remove;

/// The maximum number of security alternatives of an operation.
const MOST_ALTERNATIVES: usize = 64;

/// The maximum number of optional credentials for which every combination is tried.
const MOST_COMBINED: usize = 3;

/// The maximum number of parameters of an operation that become credentials, and of schemes that are added.
/// Real documents have at most two.
const MOST_FILLED: usize = 8;

/// The maximum number of characters of a description to keep.
const LONGEST: usize = 160;

/// A scheme that sets a parameter.
struct Filler {
    scheme: WireName,
    location: Location,
    wire: String,
    /// Whether the document declares the scheme.
    is_declared: bool,
    operations: usize,
}

/// Replaces parameters by credentials if they have the name and location of a declared scheme, or if they are
/// headers with the name of a secret on nearly all operations. Returns the finding about them.
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
    let mut by_name: BTreeMap<ParameterName, usize> = BTreeMap::new();
    for (at, filler) in fillers.iter().enumerate() {
        by_name.entry(parameter_name(filler.location, &filler.wire)).or_insert(at);
    }
    for operation in groups.iter_mut().flat_map(|group| &mut group.operations) {
        let (mut must, mut may, mut gone) = (Vec::new(), Vec::new(), BTreeSet::new());
        for found in parameters(operation) {
            let name = found.name();
            let Some(at) = by_name.get(&name) else { continue };
            if gone.len() == MOST_FILLED || choices.keeps(found.location, found.wire) {
                continue;
            }
            let filler = &mut fillers[*at];
            filler.operations += 1;
            first.get_or_insert_with(|| operation.place.clone());
            let slot = WireSlot::of_key(found.location, found.wire);
            let fills = |need: &Need| slots.get(&need.scheme) == Some(&slot);
            let is_filled = operation.security.iter().any(|requirement| requirement.needs.iter().any(fills));
            if !is_filled {
                let list = if found.is_required { &mut must } else { &mut may };
                list.push(filler.scheme.clone());
            }
            gone.insert(name);
        }
        remove(operation, |name| gone.contains(name));
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

/// Returns the scheme that sets the `Authorization` header, if operations declare the header as a parameter. It is a
/// scheme that the document declares, or one that is added because nearly all operations have the header.
fn authorization(connector: &mut Connector, census: &Census) -> Option<WireName> {
    let of_header = WireSlot::of_key(Location::Header, WireSlot::AUTHORIZATION);
    let stated =
        || connector.operations().filter_map(|it| Some((it.stated.authorization.as_ref()?, &it.place)));
    let (first, place) = stated().next()?;
    let mut declared: Vec<&Scheme> =
        connector.schemes.iter().filter(|scheme| scheme.kind.slot() == of_header).collect();
    // A scheme that other operations require comes first.
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

/// Returns the declared scheme that sets this parameter.
fn declared(scheme: &Scheme) -> Option<Filler> {
    let SchemeKind::ApiKey { .. } = &scheme.kind else { return None };
    let (location, wire) = scheme.kind.parameter()?;
    let wire = wire.to_owned();
    Some(Filler { scheme: scheme.name.clone(), location, wire, is_declared: true, operations: 0 })
}

/// Returns the schemes to add for headers that have the name of a secret and occur on nearly all operations.
fn undeclared(
    connector: &Connector,
    census: &Census,
    choices: &ParameterChoices,
    declared: &[Filler],
) -> Vec<(Scheme, Filler)> {
    let mut made: Vec<(Scheme, Filler)> = Vec::new();
    let mut known: BTreeSet<String> = declared
        .iter()
        .filter(|filler| filler.location == Location::Header)
        .map(|filler| filler.wire.to_ascii_lowercase())
        .collect();
    for operation in connector.operations() {
        for found in parameters(operation).filter(|it| it.location == Location::Header) {
            let name = found.wire.to_ascii_lowercase();
            let is_meant = made.len() < MOST_FILLED
                && census.secrets.contains(&name)
                && !choices.keeps(found.location, found.wire);
            if !is_meant || !known.insert(name) {
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

/// Returns the first sentence of a description.
fn first_sentence(said: &str) -> String {
    let line = one_line(said);
    let sentence = line.split(". ").next().unwrap_or_default();
    shorten(sentence.strip_suffix('.').unwrap_or(sentence), LONGEST)
}

/// Adds schemes to the alternatives of an operation: required schemes to each alternative, and optional
/// schemes in additional alternatives that are tried first.
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

/// Returns the requirement, combined with the schemes whose slots it does not use.
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

/// Returns the combinations of optional schemes: larger ones first, the empty one last.
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
