//! Lists all origins that the tools of a connector reach with the current configuration.

use jackfield_recipe::visible_line;

use crate::call::origin::Origin;
use crate::call::rows::{Connector, Flow};
use crate::call::servers;
use crate::common::environment::Environment;
use crate::transport::client::HttpClient;
use crate::transport::destinations::Names;

/// Returns a line for each origin, in the order of the tools: the origin, what it is used for, and the reason if
/// calls to it are refused.
pub(super) fn lines(
    connector: &Connector<'_>,
    environment: &Environment,
    client: &HttpClient,
) -> Vec<String> {
    let mut reached: Vec<Reached<'_>> = Vec::new();
    for tool in connector.tools() {
        let (origin, refused) = match servers::base(connector, tool, environment) {
            Ok(base) => {
                let refused = client.destinations().check(&base, Names::Public).is_err();
                let origin = Origin::of_base(&base).map_or_else(|| base.to_string(), |it| it.to_string());
                (origin, refused.then(|| base.class().describe()))
            }
            Err(_) => ("a base URL that is not set yet".to_owned(), None),
        };
        match reached.iter_mut().find(|known| known.origin == origin) {
            Some(known) => known.tools += 1,
            None => reached.push(Reached { origin, tools: 1, refused, schemes: Vec::new() }),
        }
    }
    for scheme in connector.schemes {
        let flows = scheme.flows.iter().flat_map(Flow::endpoints);
        for origin in flows.chain(scheme.metadata).filter_map(Origin::of) {
            let class = jackfield_recipe::AddressClass::of_url(&origin.to_string());
            let refused = client.destinations().limit(&origin).is_some_and(|limit| class > limit);
            let origin = origin.to_string();
            let known = match reached.iter().position(|known| known.origin == origin) {
                Some(at) => &mut reached[at],
                None => {
                    let refused = refused.then(|| class.describe());
                    reached.push(Reached { origin, tools: 0, refused, schemes: Vec::new() });
                    let last = reached.len() - 1;
                    &mut reached[last]
                }
            };
            if !known.schemes.contains(&scheme.name) {
                known.schemes.push(scheme.name);
            }
        }
    }
    reached.iter().map(Reached::line).collect()
}

struct Reached<'a> {
    origin: String,
    tools: usize,
    /// The reason why calls to the origin are refused. `None` if the calls are allowed.
    refused: Option<&'static str>,
    /// The schemes whose token endpoints have this origin.
    schemes: Vec<&'a str>,
}

impl Reached<'_> {
    fn line(&self) -> String {
        let mut what = Vec::new();
        match self.tools {
            0 => {}
            1 => what.push("1 tool".to_owned()),
            tools => what.push(format!("{tools} tools")),
        }
        what.extend(self.schemes.iter().map(|scheme| format!("tokens of `{}`", visible_line(scheme))));
        what.extend(self.refused.map(|class| format!("refused, because it is {class}")));
        format!("{} ({})", self.origin, what.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::args::{ArgError, Args};
    use crate::call::request::Request;
    use crate::v1::{Connector, Flow, Group, Scheme, Server, Tool};
    use jackfield_recipe::FlowKind;

    fn bind(_: &Args, _: &mut Request) -> Result<(), ArgError> {
        Ok(())
    }

    static LIST: Tool = Tool::new("list", "GET", "/", bind);
    static ADD: Tool = Tool::new("add", "POST", "/", bind);
    static SEND: Tool = Tool::new("send", "POST", "/", bind).server("https://files.example.com/up");
    static RATE: Tool = Tool::new("rate", "POST", "/", bind).server("http+unix://%2Frun%2Fx.sock/v1");
    static SCHEMES: [Scheme; 1] = [Scheme::oauth2("login").flows(&[
        Flow::new(FlowKind::AuthorizationCode).token("https://login.example.com/token"),
        Flow::new(FlowKind::ClientCredentials).token("http://127.0.0.1:9/token"),
    ])];
    static SHOP: Connector = Connector::new("shop")
        .servers(&[Server::new("https://api.example.com/v1")])
        .schemes(&SCHEMES)
        .groups(&[Group::new("", &[&LIST, &ADD, &SEND, &RATE])]);

    fn of(variables: &[(&str, &str)]) -> Vec<String> {
        let environment = Environment::of(variables.iter().copied());
        lines(&SHOP, &environment, &HttpClient::of(&SHOP, &environment))
    }

    #[test]
    fn origins_shared_by_tools_and_token_endpoints_are_listed_once() {
        assert_eq!(
            of(&[]),
            [
                "https://api.example.com (2 tools)",
                "https://files.example.com (1 tool)",
                "unix:///run/x.sock (1 tool; refused, because it is a Unix socket of this machine)",
                "https://login.example.com (tokens of `login`)",
                "http://127.0.0.1:9 (tokens of `login`; refused, because it is this machine)",
            ]
        );
        assert_eq!(
            of(&[("SHOP_BASE_URL", "http://127.0.0.1:8080/v2")]),
            [
                "http://127.0.0.1:8080 (4 tools)",
                "https://login.example.com (tokens of `login`)",
                "http://127.0.0.1:9 (tokens of `login`)",
            ]
        );
    }
}
