//! A request under construction: what mapping functions fill.

use std::fmt;
use std::path::Path;

use jackfield_recipe::{Encoding, Location};
use serde_json::Value;

use crate::args::{ArgError, Input};
use crate::base::BaseUrl;
use crate::body::{Body, Spelling};
use crate::encode::{self, Keep};
use crate::files::Files;
use crate::outgoing::{Outgoing, Pair, Text};
use crate::secret::Secret;

/// An HTTP request under construction.
///
/// Its `Debug` and `Display` show it without its secrets.
pub struct Request {
    method: &'static str,
    template: &'static str,
    variables: Vec<Variable>,
    query: Vec<Pair>,
    headers: Vec<Pair>,
    cookies: Vec<Pair>,
    pub(crate) body: Body,
    pub(crate) spelling: Spelling,
    pub(crate) content_type: Option<String>,
    /// Those that arguments may name.
    pub(crate) files: Files,
}

impl Request {
    pub(crate) const fn new(method: &'static str, template: &'static str, files: Files) -> Self {
        Self {
            method,
            template,
            variables: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            cookies: Vec::new(),
            body: Body::None,
            spelling: Spelling::Json,
            content_type: None,
            files,
        }
    }

    /// Fills a variable of the path.
    pub fn path(&mut self, wire: &str, input: Input<'_>) -> Result<(), ArgError> {
        self.path_as(wire, input, Encoding::SIMPLE)
    }

    /// Fills a variable of the path, spelled otherwise than usual.
    pub fn path_as(&mut self, wire: &str, input: Input<'_>, encoding: Encoding) -> Result<(), ArgError> {
        let Some(value) = input.present()? else { return Err(input.error("is required")) };
        let text = encode::inline(wire, value, encoding, Keep::Unreserved);
        if text.is_empty() {
            return Err(input.error("is empty, and would address another resource"));
        }
        self.variables.push(Variable { wire: wire.to_owned(), arg: input.name().to_owned(), text });
        Ok(())
    }

    /// Adds to the query string.
    pub fn query(&mut self, wire: &str, input: Input<'_>) -> Result<(), ArgError> {
        self.query_as(wire, input, Encoding::FORM)
    }

    /// Adds to the query string, spelled otherwise than usual.
    pub fn query_as(&mut self, wire: &str, input: Input<'_>, encoding: Encoding) -> Result<(), ArgError> {
        if let Some(value) = input.present()? {
            let pairs = encode::pairs(wire, value, encoding, Keep::of(encoding));
            self.query.extend(pairs.into_iter().map(|(name, value)| Pair { name, value: Text::Open(value) }));
        }
        Ok(())
    }

    /// Adds a header.
    pub fn header(&mut self, wire: &str, input: Input<'_>) -> Result<(), ArgError> {
        self.header_as(wire, input, Encoding::SIMPLE)
    }

    /// Adds a header, spelled otherwise than usual.
    pub fn header_as(&mut self, wire: &str, input: Input<'_>, encoding: Encoding) -> Result<(), ArgError> {
        if let Some(value) = input.present()? {
            let text = encode::inline(wire, value, encoding, Keep::All);
            if text.bytes().any(|b| b.is_ascii_control() && b != b'\t') {
                return Err(input.error("holds a line break or control character, which no header can carry"));
            }
            // Such as the runtime's own `user-agent`: what the document declares takes its place.
            self.headers.retain(|pair| !pair.name.eq_ignore_ascii_case(wire));
            self.headers.push(Pair { name: wire.to_owned(), value: Text::Open(text) });
        }
        Ok(())
    }

    /// Adds a cookie.
    pub fn cookie(&mut self, wire: &str, input: Input<'_>) -> Result<(), ArgError> {
        self.cookie_as(wire, input, Encoding::FORM)
    }

    /// Adds a cookie, spelled otherwise than usual.
    pub fn cookie_as(&mut self, wire: &str, input: Input<'_>, encoding: Encoding) -> Result<(), ArgError> {
        if let Some(value) = input.present()? {
            // The standard joins what it explodes by `&`, in a cookie too.
            let pairs = encode::pairs(wire, value, encoding, Keep::Unreserved);
            let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if !pairs.is_empty() {
                self.cookies.push(Pair { name: pairs.join("&"), value: Text::Bare });
            }
        }
        Ok(())
    }

    /// Makes the argument the whole query string.
    pub fn query_string(&mut self, input: Input<'_>, encoding: Encoding) -> Result<(), ArgError> {
        match input.present()? {
            None => {}
            Some(value) if encoding == Encoding::JSON => {
                let text = encode::escape(&value.to_string(), Keep::Unreserved);
                self.query.push(Pair { name: text, value: Text::Bare });
            }
            Some(Value::Object(fields)) => {
                for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                    let pairs = encode::pairs(name, value, encoding, Keep::of(encoding));
                    self.query.extend(
                        pairs.into_iter().map(|(name, value)| Pair { name, value: Text::Open(value) }),
                    );
                }
            }
            Some(value) => {
                let text = encode::escape(&encode::text(value), Keep::of(encoding));
                self.query.push(Pair { name: text, value: Text::Bare });
            }
        }
        Ok(())
    }

    /// Adds a header that the runtime owns.
    pub(crate) fn set_header(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push(Pair { name: name.to_owned(), value: Text::Open(value.into()) });
    }

    /// Puts a credential where it belongs, behind a word such as `Bearer `. It is not encoded yet.
    pub(crate) fn authenticate(
        &mut self,
        location: Location,
        wire: &str,
        word: &'static str,
        secret: Secret,
    ) {
        let (list, name, value) = match location {
            Location::Header | Location::Path => (&mut self.headers, wire.to_owned(), secret),
            Location::Query => (
                &mut self.query,
                encode::escape(wire, Keep::Unreserved),
                secret.map(|text| encode::escape(text, Keep::Unreserved)),
            ),
            Location::Cookie => (&mut self.cookies, wire.to_owned(), secret),
        };
        // A credential never stands beside an argument that imitates it.
        list.retain(|pair| !pair.name.eq_ignore_ascii_case(&name));
        list.push(Pair { name, value: Text::Hidden { word, secret: value } });
    }

    /// Checks the path and settles it.
    pub(crate) fn finish(self, base: &BaseUrl) -> Result<Outgoing, ArgError> {
        let path = self.fill_template()?;
        // What the parts are divided by is known only here, and bytes have chosen among what the document names.
        let named = self.content_type.filter(|_| !matches!(self.body, Body::Multipart(_) | Body::Raw(_)));
        let (implied, body) = self.body.finish(&self.spelling)?.unzip();
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

    /// The path with its variables filled in. A value never leaves its segment: it was encoded, and a segment that
    /// means "here" or "up" is refused.
    fn fill_template(&self) -> Result<String, ArgError> {
        let (template, fixed_query) = self.template.split_once('?').unwrap_or((self.template, ""));
        let mut path = String::with_capacity(template.len() + 16);
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            let Some(length) = rest[open..].find('}') else { break };
            let name = &rest[open + 1..open + length];
            path.push_str(&encode::escape_literal(&rest[..open], b""));
            match self.variables.iter().find(|variable| variable.wire == name) {
                Some(variable) => path.push_str(&variable.text),
                None => return Err(ArgError::new(name, "is a variable of the path that nothing fills")),
            }
            rest = &rest[open + length + 1..];
        }
        path.push_str(&encode::escape_literal(rest, b""));
        // Values bring no slash, so the segments are those of the template.
        let filled = template.split('/').zip(path.split('/'));
        if let Some((literal, segment)) = filled.into_iter().find(|(_, it)| matches!(*it, "." | "..")) {
            let name = literal.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
            let variable =
                name.and_then(|(name, _)| self.variables.iter().find(|variable| variable.wire == name));
            return Err(ArgError::new(
                variable.map_or("path", |variable| &variable.arg),
                format!("makes the path segment `{segment}`, which would address another resource"),
            ));
        }
        if !fixed_query.is_empty() {
            path.push('?');
            path.push_str(&encode::escape_literal(fixed_query, b"?"));
        }
        Ok(path)
    }
}

/// A variable of the path with its value.
struct Variable {
    wire: String,
    /// What the model calls it.
    arg: String,
    /// Encoded.
    text: String,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} {})", self.method, self.template)
    }
}
