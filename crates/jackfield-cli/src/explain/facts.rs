//! The facts that decide how a tool is called, each with the line that states it.

use std::fmt::Write as _;

use jackfield_build::model::{
    Ask, Destinations, Location, MergedInto, Operation, RateLimit, ReplyPath, ReplyRule, ToolName,
};
use jackfield_build::{AppliedChoice, Manifest, Modelled, OperationPlaces, PlaceKey};
use jackfield_runtime::{Piece, PieceSource, RequestPart};
use serde_json::{Map, Value};

/// The selection of an operation by a call of a merged tool.
pub(super) struct Selected {
    /// The name of the merged tool.
    pub(super) tool: String,
    /// The reason in words: the arguments or the selector value that select the operation.
    pub(super) because: String,
    /// The position of the merge table in connector.toml.
    pub(super) line: Option<String>,
}

impl Selected {
    fn of(manifest: &Manifest, operation: &Operation, call: &Map<String, Value>) -> Option<Self> {
        let MergedInto { tool, selector } = operation.merged.as_ref()?;
        let because = match selector {
            Some((argument, value)) => format!("`{argument}` is `{value}`"),
            None => {
                let required = operation.alternative().required;
                let given =
                    required.iter().filter(|name| call.get(**name).is_some_and(|value| !value.is_null()));
                let given: Vec<String> = given.map(|name| format!("`{name}`")).collect();
                match given.is_empty() {
                    true => "no argument selects another operation".to_owned(),
                    false => format!(
                        "the call gives its required arguments ({}), and only arguments of this operation",
                        given.join(", ")
                    ),
                }
            }
        };
        let line = manifest.line_of(&["merge", tool.as_str()]);
        Some(Self { tool: tool.to_string(), because, line })
    }
}

/// The facts about a tool.
pub(super) struct Facts {
    pub(super) tool: String,
    /// The selection of the operation, if the tool is merged.
    pub(super) merged: Option<Selected>,
    pub(super) route: String,
    pub(super) operation_id: Option<String>,
    pub(super) because: String,
    pub(super) ask: Ask,
    /// The choices in connector.toml about this tool.
    pub(super) choices: Vec<AppliedChoice>,
    pub(super) rate: Option<String>,
    pub(super) replies: Vec<String>,
    /// The origins that the connector reaches, each with the reasons, and whether jackfield.lock lists the origin.
    origins: Vec<(String, String, bool)>,
    pub(super) time_limit: Option<u32>,
    /// The settings that are not sent, because no value is set.
    pub(super) settings_without_value: Vec<String>,
    places: OperationPlaces,
    schemes: Vec<(String, String)>,
    manifest: Manifest,
    has_lock: bool,
}

impl Facts {
    pub(super) fn of(
        manifest: &Manifest,
        modelled: &Modelled,
        tool: &ToolName,
        operation: &Operation,
        call: &Map<String, Value>,
    ) -> Self {
        let (connector, document) = (&modelled.connector, modelled.report.document());
        let route = operation.route();
        let id = operation.id.as_ref().map(|id| id.as_str().to_owned());
        let rules =
            connector.replies.iter().filter(|rule| rule.tool.as_ref().is_none_or(|name| name == tool));
        let added = modelled.added_origins();
        let reasons = Destinations::of(connector).reasons();
        let scheme_place = |place| OperationPlaces::position(document, place);
        let unset =
            connector.settings.iter().filter(|setting| setting.value.is_none() && setting.tools.has(tool));
        Self {
            tool: tool.to_string(),
            merged: Selected::of(manifest, operation, call),
            route,
            operation_id: id,
            because: operation.because.clone(),
            ask: operation.ask,
            choices: modelled.choices_about(tool).to_vec(),
            rate: rate_of(modelled, tool, operation),
            replies: rules.map(reply_text).filter(|text| !text.is_empty()).collect(),
            origins: reasons
                .into_iter()
                .map(|(origin, because)| {
                    let is_listed = !added.iter().any(|added| added.origin == origin);
                    (origin, because.join("; "), is_listed)
                })
                .collect(),
            time_limit: connector.timeouts.total,
            settings_without_value: unset.map(|setting| setting.wire.to_string()).collect(),
            places: OperationPlaces::of(document, operation),
            schemes: connector
                .schemes
                .iter()
                .filter_map(|scheme| Some((scheme.name.to_string(), scheme_place(&scheme.place)?)))
                .collect(),
            manifest: manifest.clone(),
            has_lock: modelled.lock_changes().is_some(),
        }
    }

    /// Returns the reason why requests may go to the origin.
    pub(super) fn origin_reason(&self, origin: &str, base_variable: Option<&str>) -> String {
        let known = self.origins.iter().find(|(known, ..)| known == origin);
        let lock = match known {
            Some((.., true)) if self.has_lock => ", listed in jackfield.lock",
            Some((.., false)) => {
                ", not listed in jackfield.lock: `serve` fails until `jackfield gen --accept-origin` accepts this origin"
            }
            _ => "",
        };
        match (base_variable, known) {
            (Some(variable), None) => format!("chosen by {variable}"),
            (Some(variable), Some((_, because, _))) => format!("chosen by {variable}; {because}{lock}"),
            (None, Some((_, because, _))) => format!("{because}{lock}"),
            (None, None) => "a server of the document with variables".to_owned(),
        }
    }

    /// Returns the position of the line that declares a scheme.
    pub(super) fn scheme_line(&self, scheme: &str) -> Option<String> {
        let chosen = self.manifest.line_of(&["auth", "schemes", scheme]);
        chosen.or_else(|| self.schemes.iter().find(|(name, _)| name == scheme).map(|(_, line)| line.clone()))
    }

    pub(super) fn line(&self, key: &PlaceKey) -> Option<&str> {
        self.places.get(key)
    }

    /// Returns the source of a part of the request in words, and the position of the line that declares the part.
    pub(super) fn source(&self, piece: &Piece, from: &PieceSource) -> (String, Option<String>) {
        let owned = |line: Option<&str>| line.map(str::to_owned);
        match from {
            PieceSource::Document => match piece.part {
                RequestPart::BaseUrl => {
                    let chosen = self.manifest.line_of(&["servers"]);
                    ("server".to_owned(), chosen.or_else(|| owned(self.line(&PlaceKey::Server))))
                }
                RequestPart::Header if piece.name.eq_ignore_ascii_case("accept") => {
                    let line = self.line(&PlaceKey::Responses).or_else(|| self.line(&PlaceKey::Operation));
                    ("media types of the responses".to_owned(), owned(line))
                }
                RequestPart::Header => {
                    ("media type of the body".to_owned(), owned(self.line(&PlaceKey::Body)))
                }
                _ => ("operation".to_owned(), owned(self.line(&PlaceKey::Operation))),
            },
            PieceSource::Argument { argument, wire } => {
                let words = match argument == wire || wire.is_empty() {
                    true => format!("argument `{argument}`"),
                    false => format!("argument `{argument}`, in the document `{wire}`"),
                };
                (words, self.wire_line(piece.part, wire))
            }
            PieceSource::Constant { wire } => {
                let choice = self.choices.iter().find(|choice| choice.table == "arguments");
                let line = choice.map(|choice| choice.line.clone());
                ("constant, not an argument".to_owned(), line.or_else(|| self.wire_line(piece.part, wire)))
            }
            PieceSource::Setting { wire, variable, is_set } => {
                let table = if piece.part == RequestPart::Query { "query" } else { "headers" };
                let line = self.manifest.line_of(&[table, wire]);
                let line = line.or_else(|| self.wire_line(piece.part, wire));
                match is_set {
                    true => (format!("setting, from {variable}"), line),
                    false => (format!("setting; {variable} replaces it"), line),
                }
            }
            PieceSource::Credential { scheme } => {
                (format!("credential of `{scheme}`"), self.scheme_line(scheme))
            }
            PieceSource::Runtime => ("the connector".to_owned(), None),
        }
    }

    /// Returns the position of a parameter or of a part of the body.
    fn wire_line(&self, part: RequestPart, wire: &str) -> Option<String> {
        let location = match part {
            RequestPart::Path => Location::Path,
            RequestPart::Query => Location::Query,
            RequestPart::Header => Location::Header,
            RequestPart::Cookie => Location::Cookie,
            _ => {
                let own = self.line(&PlaceKey::BodyPart(wire.to_owned()));
                return own.or_else(|| self.line(&PlaceKey::Body)).map(str::to_owned);
            }
        };
        let own = self.line(&PlaceKey::Parameter(location, wire.to_owned()));
        own.or_else(|| self.line(&PlaceKey::Operation)).map(str::to_owned)
    }
}

/// Describes the rate limit of a tool, and the tools that share the limit.
fn rate_of(modelled: &Modelled, tool: &ToolName, operation: &Operation) -> Option<String> {
    let rates = &modelled.connector.rates;
    let limit = |tool: &ToolName| {
        let own = rates.iter().find(|rate| rate.tools.contains(tool));
        own.or_else(|| rates.iter().find(|rate| rate.key.is_empty()))
    };
    let rate = limit(tool)?;
    let surface = modelled.surface();
    let shares = |into: &&MergedInto| {
        let mut others = surface.tools().filter(|other| other.name != *tool && *other.called() == into.tool);
        others.any(|other| limit(&other.name) == Some(rate))
    };
    let mut text = rate_text(rate);
    if let Some(MergedInto { tool, .. }) = operation.merged.as_ref().filter(shares) {
        let _ = write!(text, ", {}", shared_rate(tool.as_str()));
    }
    Some(text)
}

/// Returns the note that operations of a merged tool share a limit.
pub(crate) fn shared_rate(merged: &str) -> String {
    format!("counted with the other calls of `{merged}`")
}

/// Describes a rate limit in words.
pub(crate) fn rate_text(rate: &RateLimit) -> String {
    let mut text = match rate.calls {
        Some(calls) => format!("{calls} for each caller"),
        None => "no limit on calls".to_owned(),
    };
    if let Some(concurrent) = rate.concurrent {
        let _ = write!(text, ", at most {concurrent} at a time");
    }
    if let Some(queue) = rate.queue {
        let _ = write!(text, ", {queue} more may wait");
    }
    text
}

/// Describes a rule for replies in words. Empty if the rule changes nothing.
pub(crate) fn reply_text(rule: &ReplyRule) -> String {
    let mut parts = Vec::new();
    let joined = |paths: &[ReplyPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    for (word, paths) in [("redacts", &rule.redact), ("keeps only", &rule.keep), ("drops", &rule.drop)] {
        if !paths.is_empty() {
            parts.push(format!("{word} {}", joined(paths)));
        }
    }
    parts.extend(rule.items.map(|items| format!("shortens lists to {items} items")));
    parts.extend(rule.bytes.map(|bytes| format!("shortens replies to {bytes} bytes")));
    parts.extend(rule.all_pages.map(|pages| format!("joins up to {pages} pages")));
    parts.extend(rule.jq.as_ref().map(|_| "applies a jq program".to_owned()));
    parts.join("; ")
}
