//! A request under construction, which mapping functions fill.

use std::fmt;
use std::fmt::Write as _;
use std::path::Path;

use jackfield_recipe::{Encoding, Location, Step, Style};
use serde_json::Value;

use crate::call::args::{ArgError, Input};
use crate::call::argument_problem::ArgumentProblem;
use crate::call::base_url::BaseUrl;
use crate::call::body::{Body, Spelling};
use crate::call::credential_spots::CredentialSpots;
use crate::call::encode::{self, Keep};
use crate::call::files::Files;
use crate::call::method::{MethodName, method_name};
use crate::call::outgoing::{Outgoing, Pair, Text};

/// An HTTP request under construction.
///
/// `Debug` and `Display` mask the secrets in the request.
pub struct Request {
    method: MethodName,
    template: String,
    variables: Vec<Variable>,
    query: Vec<Pair>,
    headers: Vec<Pair>,
    cookies: Vec<Pair>,
    pub(crate) body: Body,
    pub(crate) spelling: Spelling,
    pub(crate) content_type: Option<String>,
    /// Whether objects in form fields are sent as JSON text.
    pub(crate) form_json: bool,
    /// The files that arguments may name.
    pub(crate) files: Files,
    /// The locations and names of credentials, which arguments must not set.
    spots: CredentialSpots,
    /// The recorded steps. `None` unless the mapping function is called only to record its steps.
    steps: Option<Vec<Step>>,
}

impl Request {
    pub(crate) fn new(method: &str, template: &str, files: Files) -> Self {
        Self {
            method: method_name(method),
            template: template.to_owned(),
            variables: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            cookies: Vec::new(),
            body: Body::None,
            spelling: Spelling::Json,
            content_type: None,
            form_json: false,
            files,
            spots: CredentialSpots::default(),
            steps: None,
        }
    }

    /// Creates a request that is never sent: it ignores all values, and records the steps of a mapping function.
    pub(crate) fn recording() -> Self {
        Self { steps: Some(Vec::new()), ..Self::new("GET", "", Files::none()) }
    }

    /// Returns the recorded steps.
    pub(crate) fn into_steps(self) -> Vec<Step> {
        self.steps.unwrap_or_default()
    }

    /// Records a step if this request records steps. Returns true if the step was recorded. The caller must not execute the step then.
    pub(crate) fn records(&mut self, step: impl FnOnce() -> Step) -> bool {
        match &mut self.steps {
            Some(steps) => {
                steps.push(step());
                true
            }
            None => false,
        }
    }

    /// From now on, refuses arguments that imitate one of the given credentials.
    pub(crate) fn guard(&mut self, spots: CredentialSpots) {
        self.spots = spots;
    }

    /// Checks that an argument may set a parameter with this name. If the document declares the parameter, it may have the name of a
    /// credential, because the credential then replaces the parameter.
    fn admit(
        &self,
        location: Location,
        declared: Option<&str>,
        (name, value): (&str, Option<&str>),
        input: &Input<'_>,
    ) -> Result<(), ArgError> {
        if input.is_fixed() || declared == Some(name) {
            return Ok(());
        }
        let imitated = self.spots.imitated(location, name, value);
        imitated.map_or(Ok(()), |it| Err(input.error(ArgumentProblem::Imitates(it))))
    }

    fn add_query(
        &mut self,
        declared: Option<&str>,
        pairs: Vec<(String, String)>,
        input: &Input<'_>,
    ) -> Result<(), ArgError> {
        let declared = declared.map(|wire| encode::escape(wire, Keep::Unreserved));
        for (name, value) in pairs {
            self.admit(Location::Query, declared.as_deref(), (&name, Some(&value)), input)?;
            self.query.push(Pair { name, value: Text::Open(value) });
        }
        Ok(())
    }

    /// Adds a query string that is not a name-value pair.
    fn add_bare_query(&mut self, text: String, input: &Input<'_>) -> Result<(), ArgError> {
        self.admit(Location::Query, None, (&text, None), input)?;
        self.query.push(Pair { name: text, value: Text::Bare });
        Ok(())
    }

    /// Sets a path variable.
    pub fn path(&mut self, wire: &str, input: Input<'_>) -> Result<(), ArgError> {
        self.path_as(wire, input, Encoding::SIMPLE)
    }

    /// Sets a path variable in the given encoding.
    pub fn path_as(&mut self, wire: &str, input: Input<'_>, encoding: Encoding) -> Result<(), ArgError> {
        if self.records(|| Step::Path { wire: wire.to_owned(), input: input.recorded(), encoding }) {
            return Ok(());
        }
        let Some(value) = input.present()? else { return Err(input.error(ArgumentProblem::Required)) };
        let keep = if encoding.reserved { Keep::Segment } else { Keep::Unreserved };
        divided(value, encoding, keep, &input)?;
        let text = encode::inline(wire, value, encoding, keep);
        let Some(text) = text.filter(|text| !text.is_empty() || self.shares_segment(wire)) else {
            return Err(input.error(ArgumentProblem::EmptySegment));
        };
        let is_empty_label = encoding.style == Style::Label && text == "." && value == "";
        let (wire, arg) = (wire.to_owned(), input.name().to_owned());
        self.variables.push(Variable { wire, arg, text, is_empty_label });
        Ok(())
    }

    /// Whether the variable shares its path segment with other text.
    fn shares_segment(&self, wire: &str) -> bool {
        let placeholder = format!("{{{wire}}}");
        let (path, query) = self.template.split_once('?').unwrap_or((&self.template, ""));
        !query.contains(&placeholder) && path.split('/').all(|segment| segment != placeholder)
    }

    /// Adds a query parameter.
    pub fn query(&mut self, wire: &str, input: Input<'_>) -> Result<(), ArgError> {
        self.query_as(wire, input, Encoding::FORM)
    }

    /// Adds a query parameter in the given encoding.
    pub fn query_as(&mut self, wire: &str, input: Input<'_>, encoding: Encoding) -> Result<(), ArgError> {
        if self.records(|| Step::Query { wire: wire.to_owned(), input: input.recorded(), encoding }) {
            return Ok(());
        }
        if let Some(value) = input.present()? {
            let keep = Keep::of(encoding);
            divided(value, encoding, keep, &input)?;
            self.add_query(Some(wire), encode::pairs(wire, value, encoding, keep), &input)?;
        }
        Ok(())
    }

    /// Adds a header.
    pub fn header(&mut self, wire: &str, input: Input<'_>) -> Result<(), ArgError> {
        self.header_as(wire, input, Encoding::SIMPLE)
    }

    /// Adds a header in the given encoding.
    pub fn header_as(&mut self, wire: &str, input: Input<'_>, encoding: Encoding) -> Result<(), ArgError> {
        if self.records(|| Step::Header { wire: wire.to_owned(), input: input.recorded(), encoding }) {
            return Ok(());
        }
        if let Some(text) = header_text(wire, &input, encoding)? {
            // A declared header replaces a header that the runtime itself sets, such as `user-agent`.
            self.headers.retain(|pair| !Location::Header.is_same_name(&pair.name, wire));
            self.headers.push(Pair { name: wire.to_owned(), value: Text::Open(text) });
        }
        Ok(())
    }

    /// Adds a cookie.
    pub fn cookie(&mut self, wire: &str, input: Input<'_>) -> Result<(), ArgError> {
        self.cookie_as(wire, input, Encoding::FORM)
    }

    /// Adds a cookie in the given encoding.
    pub fn cookie_as(&mut self, wire: &str, input: Input<'_>, encoding: Encoding) -> Result<(), ArgError> {
        if self.records(|| Step::Cookie { wire: wire.to_owned(), input: input.recorded(), encoding }) {
            return Ok(());
        }
        if let Some(value) = input.present()? {
            if encoding.style == Style::Cookie {
                return self.bare_cookie(wire, value, encoding, &input);
            }
            let mut pairs = encode::pairs(wire, value, encoding, Keep::Unreserved).into_iter();
            if let Some((name, mut text)) = pairs.next() {
                self.admit(Location::Cookie, Some(wire), (&name, None), &input)?;
                // OpenAPI joins the values of an exploded parameter with `&`, even in a cookie.
                for (name, value) in pairs {
                    let _ = write!(text, "&{name}={value}");
                }
                self.cookies.push(Pair { name, value: Text::Open(text) });
            }
        }
        Ok(())
    }

    /// Adds a cookie as RFC 6265 defines it. Cookies have no escapes, so a value with a character that is not allowed is
    /// refused.
    fn bare_cookie(
        &mut self,
        wire: &str,
        value: &Value,
        encoding: Encoding,
        input: &Input<'_>,
    ) -> Result<(), ArgError> {
        divided(value, encoding, Keep::All, input)?;
        let joined = !encoding.explode && (value.is_array() || value.is_object());
        for (name, value) in encode::pairs(wire, value, encoding, Keep::All) {
            let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
            let is_octet = |b: u8| b.is_ascii_graphic() && (joined || b != b',') && !b"\";\\".contains(&b);
            if name.is_empty() || !name.bytes().all(is_token) || !value.bytes().all(is_octet) {
                return Err(input.error(ArgumentProblem::CookieCharacter));
            }
            self.admit(Location::Cookie, Some(wire), (&name, None), input)?;
            self.cookies.push(Pair { name, value: Text::Open(value) });
        }
        Ok(())
    }

    /// Sends the argument as the whole query string.
    pub fn query_string(&mut self, input: Input<'_>, encoding: Encoding) -> Result<(), ArgError> {
        self.query_string_as(input, encoding, &[])
    }

    /// Sends the argument as the whole query string. `known` contains the encodings that differ from `encoding`, by field.
    pub fn query_string_as(
        &mut self,
        input: Input<'_>,
        encoding: Encoding,
        known: &[(&str, Encoding)],
    ) -> Result<(), ArgError> {
        let recorded = || known.iter().map(|(name, encoding)| ((*name).to_owned(), *encoding)).collect();
        if self.records(|| Step::QueryString { input: input.recorded(), encoding, fields: recorded() }) {
            return Ok(());
        }
        match input.present()? {
            None => {}
            Some(value) if encoding == Encoding::JSON => {
                let text = encode::escape(&value.to_string(), Keep::Unreserved);
                self.add_bare_query(text, &input)?;
            }
            Some(Value::Object(fields)) => {
                for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                    let said = known.iter().find(|(known, _)| known == name).map(|(_, encoding)| *encoding);
                    // As in a form, an object inside the argument is sent as JSON.
                    let usual = if value.is_object() { Encoding::JSON } else { encoding };
                    let encoding = said.unwrap_or(usual);
                    divided(value, encoding, Keep::of(encoding), &input)?;
                    self.add_query(None, encode::pairs(name, value, encoding, Keep::of(encoding)), &input)?;
                }
            }
            Some(value) => {
                self.add_bare_query(encode::escape(&encode::text(value), Keep::of(encoding)), &input)?;
            }
        }
        Ok(())
    }

    /// Sets a header that the runtime or connector.toml defines. An existing header of that name is replaced.
    pub(crate) fn set_header(&mut self, name: &str, value: impl Into<String>) {
        self.headers.retain(|pair| !Location::Header.is_same_name(&pair.name, name));
        self.headers.push(Pair { name: name.to_owned(), value: Text::Open(value.into()) });
    }

    /// Returns the query parameters, headers and cookies that were added so far.
    #[cfg(feature = "serve")]
    pub(crate) fn added(&self) -> [&[Pair]; 3] {
        [&self.query, &self.headers, &self.cookies]
    }

    /// Validates the path and completes the request.
    pub(crate) fn finish(self, base: &BaseUrl) -> Result<Outgoing, ArgError> {
        let path = self.fill_template()?;
        // The multipart boundary and the media type of raw bytes depend on all parts, so they are determined here.
        let determines_type = matches!(self.body, Body::Multipart(_) | Body::Raw(_));
        let (implied, body) = self.body.finish(&self.spelling, self.content_type.as_deref())?.unzip();
        let named = self.content_type.filter(|_| !determines_type);
        let mut headers = self.headers;
        if let Some(media_type) =
            named.filter(|_| body.is_some()).or(implied).filter(|media_type| !media_type.is_empty())
        {
            headers.push(Pair { name: "content-type".to_owned(), value: Text::Open(media_type) });
        }
        Ok(Outgoing {
            method: self.method,
            url: format!("{}{path}", base.as_str()),
            socket: base.socket().map(Path::to_path_buf),
            query: self.query,
            headers,
            cookies: self.cookies,
            body,
        })
    }

    /// Fills the variables of the path template. A value cannot leave its segment: it is encoded, and a segment that becomes
    /// `.` or `..` is refused. Some templates also contain a query with variables.
    fn fill_template(&self) -> Result<String, ArgError> {
        let (template, query) = self.template.split_once('?').unwrap_or((&self.template, ""));
        let mut path = String::with_capacity(self.template.len() + 16);
        self.fill(template, b"", &mut path)?;
        // Values contain no slash, so the filled path has the same segments as the template.
        for (literal, segment) in template.split('/').zip(path.split('/')) {
            let is_empty = segment.is_empty() && !literal.is_empty();
            if !is_empty && !is_dots(segment) {
                continue;
            }
            let name = literal.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
            let variable =
                name.and_then(|(name, _)| self.variables.iter().find(|variable| variable.wire == name));
            // In label style, OpenAPI encodes an empty string as `.`. A server that normalizes the path would address the
            // collection instead, so this is allowed only for safe methods.
            let is_label = variable.is_some_and(|variable| {
                variable.is_empty_label && *literal == format!("{{{}}}", variable.wire)
            });
            if is_label && is_safe(&self.method) {
                continue;
            }
            return Err(ArgError::new(
                variable.map_or("path", |variable| &variable.arg),
                ArgumentProblem::PathSegment(segment.to_owned()),
            ));
        }
        if !query.is_empty() {
            path.push('?');
            let filled = path.len();
            self.fill(query, b"?", &mut path)?;
            // The path template itself may contain the credential's name, but the values of its variables may not.
            if self.spots.count_in(&path[filled..]) > self.spots.count_in(query) {
                let variable = self.variables.iter().find(|it| query.contains(&format!("{{{}}}", it.wire)));
                let arg = variable.map_or("path", |it| &it.arg);
                return Err(ArgError::new(arg, ArgumentProblem::ImitatesInPath));
            }
        }
        Ok(path)
    }

    fn fill(&self, template: &str, legal: &[u8], out: &mut String) -> Result<(), ArgError> {
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            let Some(length) = rest[open..].find('}') else { break };
            let name = &rest[open + 1..open + length];
            out.push_str(&encode::escape_literal(&rest[..open], legal));
            match self.variables.iter().find(|variable| variable.wire == name) {
                Some(variable) => out.push_str(&variable.text),
                None => return Err(ArgError::new(name, ArgumentProblem::UnfilledVariable)),
            }
            rest = &rest[open + length + 1..];
        }
        out.push_str(&encode::escape_literal(rest, legal));
        Ok(())
    }
}

/// Whether the method is safe: it only reads.
fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "QUERY")
}

/// Whether a segment is `.` or `..`, even if its dots are encoded.
fn is_dots(segment: &str) -> bool {
    // The parameters of the segment are removed first, as some servers do.
    let segment = segment.split(';').next().unwrap_or_default();
    segment.len() <= 6
        && segment.starts_with(['.', '%'])
        && matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

/// Refuses a value if one of its items contains the separator.
pub(crate) fn divided(
    value: &Value,
    encoding: Encoding,
    keep: Keep,
    input: &Input<'_>,
) -> Result<(), ArgError> {
    match encode::ambiguous(value, encoding, keep) {
        None => Ok(()),
        Some(divider) => Err(input.error(ArgumentProblem::DividedItem(divider))),
    }
}

/// Returns the text of a header. `None` if the value is undefined.
pub(crate) fn header_text(
    wire: &str,
    input: &Input<'_>,
    encoding: Encoding,
) -> Result<Option<String>, ArgError> {
    let Some(value) = input.present()? else { return Ok(None) };
    divided(value, encoding, Keep::All, input)?;
    let Some(text) = encode::inline(wire, value, encoding, Keep::All) else { return Ok(None) };
    if text.bytes().any(|b| b.is_ascii_control() && b != b'\t') {
        return Err(input.error(ArgumentProblem::HeaderCharacter));
    }
    if text.starts_with([' ', '\t']) || text.ends_with([' ', '\t']) {
        return Err(input.error(ArgumentProblem::HeaderSpace));
    }
    Ok(Some(text))
}

/// A path variable and its value.
struct Variable {
    wire: String,
    /// The name of the argument that sets the variable.
    arg: String,
    /// The percent-encoded value.
    text: String,
    /// Whether the value is an empty string in label style, which is encoded as `.`.
    is_empty_label: bool,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} {})", self.method, self.template)
    }
}
