//! A mock of an API, derived from the model of its connector.

mod echo;

use jackfield_mock::{Route, Target, base_path, is_json};
use jackfield_model::{Connector, Defs, Operation, Reply, Status, percent_decode_lenient};
use serde_json::{Value, json};

use crate::sample::{Limits, sample};
use crate::upstream::{Answer, Recorded};

/// Answers requests as the document describes: with the declared example, or else with a value that is sampled from the schema.
/// Properties that also occur in the request get their value from the request.
///
/// The mock checks neither credentials nor arguments.
#[derive(Clone, Debug)]
pub struct Mock {
    /// Sorted by specificity, the most specific route first.
    routes: Vec<(Route, Option<Reply>)>,
    /// Base paths that may precede the path of an operation.
    bases: Vec<String>,
    defs: Defs,
}

impl Mock {
    /// Creates a mock of all operations of the connector. Paths match with and without the base path of each server.
    pub fn of(connector: &Connector) -> Self {
        let mut routes: Vec<_> = connector
            .operations()
            .map(|it| (Route::of(it.method.as_str(), &it.path), first_success(it).cloned()))
            .collect();
        // The sort is stable: if routes are equally specific, the first route in the document is used.
        routes.sort_by_cached_key(|(route, _)| route.rank());
        let mut bases: Vec<String> = connector.servers.iter().map(|it| base_path(&it.address())).collect();
        bases.push(String::new());
        Self { routes, bases, defs: connector.pool.receive.clone() }
    }

    /// Accepts paths only under `base`, such as `/v2`.
    #[must_use]
    pub fn under(mut self, base: &str) -> Self {
        self.bases = vec![base.trim_end_matches('/').to_owned()];
        self
    }

    /// Returns the answer of the API to a request.
    pub fn answer(&self, request: &Recorded) -> Answer {
        let target = Target::of(&request.target);
        let found = self.bases.iter().find_map(|base| {
            let path = target.under(base)?;
            self.routes.iter().find_map(|(route, reply)| {
                let variables =
                    route.matches(path, &target.query).filter(|_| route.method == request.method)?;
                Some((variables.into_iter().map(decoded).collect(), reply.as_ref()))
            })
        });
        match found {
            Some((variables, reply)) => self.reply(reply, request, &target, variables),
            None => {
                let error = format!("no operation matches {} {}", request.method, request.target);
                Answer::json(404, &json!({ "error": error }))
            }
        }
    }

    /// Returns the mock as a responder for an [`Upstream`](crate::Upstream).
    pub fn responder(self) -> impl Fn(&Recorded) -> Answer + Send + Sync + 'static {
        move |request| self.answer(request)
    }

    fn reply(
        &self,
        reply: Option<&Reply>,
        request: &Recorded,
        target: &Target,
        variables: Vec<(String, String)>,
    ) -> Answer {
        let Some(reply) = reply else { return Answer::empty(204) };
        let status = match reply.status {
            Status::Code(code) => code,
            Status::Range(hundred) => u16::from(hundred) * 100,
            Status::Default => 200,
        };
        let Some(media_type) = &reply.media_type else { return Answer::empty(status) };
        let mut body = match (&reply.example, &reply.schema) {
            (Some(example), _) => example.clone(),
            (None, Some(schema)) => sample(schema.as_value(), &self.defs, Limits::FULL),
            (None, None) => json!({}),
        };
        echo::into(
            &mut body,
            reply.schema.as_ref(),
            &self.defs,
            &echo::given(request, &target.query, variables),
        );
        let bytes = match &body {
            // A string is quoted in JSON, but not in plain text.
            Value::String(text) if !is_json(media_type) => text.clone().into_bytes(),
            body => body.to_string().into_bytes(),
        };
        let media_type = if media_type.contains('*') { "application/json" } else { media_type };
        Answer::bytes(status, media_type, bytes)
    }
}

/// Returns the success response: the first 2xx response, else `default`, else the first response.
fn first_success(operation: &Operation) -> Option<&Reply> {
    let replies = &operation.replies;
    let success = |reply: &&Reply| matches!(reply.status, Status::Code(200..=299) | Status::Range(2));
    let default = |reply: &&Reply| reply.status == Status::Default;
    replies.iter().find(success).or_else(|| replies.iter().find(default)).or_else(|| replies.first())
}

/// Decodes the value of a path variable.
fn decoded((name, value): (String, String)) -> (String, String) {
    (name, String::from_utf8_lossy(&percent_decode_lenient(&value)).into_owned())
}

#[cfg(test)]
mod tests;
