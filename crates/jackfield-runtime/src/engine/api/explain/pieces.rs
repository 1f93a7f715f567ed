//! Attributes each piece of a composed request to the step or setting that added it.

use jackfield_recipe::{Input, Location, Step};
use serde_json::Value;

use super::piece::{Piece, PieceSource, RequestPart};
use crate::call::args::Args;
use crate::call::files::Files;
use crate::call::interpret;
use crate::call::outgoing::{Outgoing, Pair, is_named};
use crate::call::request::Request;
use crate::call::rows::{Connector, Need, Tool};
use crate::call::settings;
use crate::common::environment::Environment;
use crate::common::text::plain;

/// The maximum number of characters of a value that a piece shows.
const LONGEST_VALUE: usize = 200;

/// The pieces that each step and setting adds when it runs alone.
pub(super) struct Known {
    /// The part of the request, the name, the value and the source of each query parameter, header and cookie. `take` removes each entry
    /// that it returns.
    pairs: Vec<(RequestPart, String, String, PieceSource)>,
    /// The variables of the path, with their sources.
    variables: Vec<(String, PieceSource)>,
    body: Vec<Piece>,
}

impl Known {
    /// Runs each step on a separate empty request, and keeps the pieces that the step added.
    pub(super) fn of(
        connector: &Connector<'_>,
        tool: &Tool<'_>,
        environment: &Environment,
        args: &Args,
        files: &Files,
    ) -> Self {
        let mut known = Self { pairs: Vec::new(), variables: Vec::new(), body: Vec::new() };
        for (name, value) in connector.headers {
            let variable = settings::variable(connector, Location::Header, name);
            let chosen = environment.get(&variable);
            let is_set = chosen.is_some();
            let source = PieceSource::Setting { wire: (*name).to_owned(), variable, is_set };
            let value = chosen.unwrap_or_else(|| (*value).to_owned());
            known.pairs.push((RequestPart::Header, (*name).to_owned(), value, source));
        }
        for step in interpret::steps_of(tool) {
            known.add(step, tool, args, files);
        }
        for setting in connector.settings.iter().filter(|setting| setting.is_for(tool.name)) {
            let variable = settings::variable(connector, setting.location, setting.wire);
            let is_set = environment.get(&variable).is_some();
            let source = PieceSource::Setting { wire: setting.wire.to_owned(), variable, is_set };
            let mut alone = Request::new(tool.method, tool.path, files.clone());
            if settings::add_one(connector, setting, environment, &mut alone).is_ok() {
                known.collect(&alone, &source);
            }
        }
        known
    }

    fn add(&mut self, step: &Step, tool: &Tool<'_>, args: &Args, files: &Files) {
        let Some(input) = step.input() else { return };
        let wire = wire_of(step);
        let (source, value) = match input {
            Input::Arg { arg, .. } => {
                let source = PieceSource::Argument { argument: arg.clone(), wire: wire.to_owned() };
                (source, args.get(arg).map(Value::to_string))
            }
            Input::Fixed { json } => (PieceSource::Constant { wire: wire.to_owned() }, Some(json.clone())),
        };
        if let Step::Path { wire, .. } = step {
            self.variables.push((wire.clone(), source));
            return;
        }
        if is_body(step) {
            let (name, value) = (body_name(step), value.map(|value| plain(&value, LONGEST_VALUE)));
            let piece = |value| Piece { part: RequestPart::Body, name, value, from: vec![source] };
            self.body.extend(value.map(piece));
            return;
        }
        let mut alone = Request::new(tool.method, tool.path, files.clone());
        if interpret::take(step, args, &mut alone).is_ok() {
            self.collect(&alone, &source);
        }
    }

    fn collect(&mut self, alone: &Request, source: &PieceSource) {
        let parts = [RequestPart::Query, RequestPart::Header, RequestPart::Cookie];
        for (part, pairs) in parts.into_iter().zip(alone.added()) {
            for pair in pairs {
                self.pairs.push((part, pair.name.clone(), shown(pair), source.clone()));
            }
        }
    }

    /// Returns the source of a pair, and removes the pair. If several steps set the same header, the last step counts.
    fn take(&mut self, part: RequestPart, pair: &Pair) -> Option<PieceSource> {
        let value = shown(pair);
        let is_same = |known: &(RequestPart, String, String, PieceSource)| {
            known.0 == part && known.1 == pair.name && known.2 == value
        };
        let at = match part {
            RequestPart::Header => self.pairs.iter().rposition(is_same),
            _ => self.pairs.iter().position(is_same),
        }?;
        Some(self.pairs.remove(at).3)
    }
}

/// Returns the pieces of a request without credentials.
pub(super) fn of(outgoing: &Outgoing, base: &str, tool: &Tool<'_>, mut known: Known) -> Vec<Piece> {
    let piece = |part, name: &str, value: String, from| Piece { part, name: name.to_owned(), value, from };
    let mut pieces = vec![
        piece(RequestPart::Method, "", outgoing.method().to_string(), vec![PieceSource::Document]),
        piece(RequestPart::BaseUrl, "", base.to_owned(), vec![PieceSource::Document]),
    ];
    let path = outgoing.url.strip_prefix(base).unwrap_or(&outgoing.url);
    let (path, path_query) = path.split_once('?').unwrap_or((path, ""));
    let (template, template_query) = tool.path.split_once('?').unwrap_or((tool.path, ""));
    for (literal, segment) in template.split('/').zip(path.split('/')).skip(1) {
        pieces.push(piece(RequestPart::Path, "", segment.to_owned(), variables_in(literal, &known)));
    }
    if !path_query.is_empty() {
        let from = variables_in(template_query, &known);
        pieces.push(piece(RequestPart::Query, "", path_query.to_owned(), from));
    }
    let lists = [
        (RequestPart::Query, &outgoing.query),
        (RequestPart::Header, &outgoing.headers),
        (RequestPart::Cookie, &outgoing.cookies),
    ];
    for (part, pairs) in lists {
        for pair in pairs {
            let from = known.take(part, pair).unwrap_or_else(|| unclaimed(part, &pair.name));
            pieces.push(piece(part, &pair.name, shown(pair), vec![from]));
        }
    }
    if outgoing.body.is_some() {
        pieces.append(&mut known.body);
    }
    pieces
}

/// Adds the placeholders of credentials. A credential replaces an argument of the same name.
pub(super) fn add_credentials(
    pieces: &mut Vec<Piece>,
    before: &Outgoing,
    after: &Outgoing,
    connector: &Connector<'_>,
    needs: &[Need<'_>],
) {
    let lists = [
        (RequestPart::Query, &before.query, &after.query),
        (RequestPart::Header, &before.headers, &after.headers),
        (RequestPart::Cookie, &before.cookies, &after.cookies),
    ];
    for (part, before, after) in lists {
        let is_in = |list: &[Pair], name: &str, value: &str| {
            list.iter().any(|pair| pair.name == name && shown(pair) == value)
        };
        pieces.retain(|piece| {
            piece.part != part || piece.name.is_empty() || is_in(after, &piece.name, &piece.value)
        });
        for pair in after.iter().filter(|pair| !is_in(before, &pair.name, &shown(pair))) {
            let scheme = needs.iter().find_map(|need| {
                let scheme = connector.schemes.iter().find(|scheme| scheme.name == need.scheme)?;
                let (location, wire) = scheme.kind.parameter()?;
                let is_it = RequestPart::from(location) == part && is_named(location, &pair.name, wire);
                is_it.then(|| scheme.name.to_owned())
            });
            let from = scheme.map_or(PieceSource::Runtime, |scheme| PieceSource::Credential { scheme });
            let last = pieces.iter().rposition(|piece| piece.part == part);
            let at = last.map_or_else(|| body_start(pieces), |last| last + 1);
            pieces.insert(at, Piece { part, name: pair.name.clone(), value: shown(pair), from: vec![from] });
        }
    }
}

fn body_start(pieces: &[Piece]) -> usize {
    pieces.iter().position(|piece| piece.part == RequestPart::Body).unwrap_or(pieces.len())
}

/// Returns the source of a header that no step set.
fn unclaimed(part: RequestPart, name: &str) -> PieceSource {
    let is_typed = ["accept", "content-type"].iter().any(|known| name.eq_ignore_ascii_case(known));
    match part {
        RequestPart::Header if is_typed => PieceSource::Document,
        _ => PieceSource::Runtime,
    }
}

/// Returns the sources of the variables in a part of the path template.
fn variables_in(literal: &str, known: &Known) -> Vec<PieceSource> {
    let is_in = |wire: &str| literal.contains(&format!("{{{wire}}}"));
    let variables = known.variables.iter().filter(|(wire, _)| is_in(wire));
    let from: Vec<PieceSource> = variables.map(|(_, source)| source.clone()).collect();
    if from.is_empty() { vec![PieceSource::Document] } else { from }
}

fn shown(pair: &Pair) -> String {
    pair.value.shown().into_owned()
}

const fn is_body(step: &Step) -> bool {
    matches!(
        step,
        Step::JsonField { .. }
            | Step::JsonBody { .. }
            | Step::FormField { .. }
            | Step::FormBody { .. }
            | Step::Part { .. }
            | Step::PartFields { .. }
            | Step::XmlPart { .. }
            | Step::PartHeader { .. }
            | Step::MultipartBody { .. }
            | Step::RawBody { .. }
    )
}

/// Returns the name of a property, form field or multipart part. It is empty for a whole body.
fn body_name(step: &Step) -> String {
    match step {
        Step::PartHeader { part, wire, .. } => format!("{part}, header {wire}"),
        step => wire_of(step).to_owned(),
    }
}

/// Returns the name of a parameter or property in the document. Empty for a whole body or query string.
fn wire_of(step: &Step) -> &str {
    match step {
        Step::Path { wire, .. }
        | Step::Query { wire, .. }
        | Step::Header { wire, .. }
        | Step::Cookie { wire, .. }
        | Step::JsonField { wire, .. }
        | Step::FormField { wire, .. }
        | Step::Part { wire, .. }
        | Step::PartFields { wire, .. }
        | Step::XmlPart { wire, .. }
        | Step::PartHeader { wire, .. } => wire,
        _ => "",
    }
}
