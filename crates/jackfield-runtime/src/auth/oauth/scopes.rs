//! Computes the scopes that a login requests: the scopes that the tools need and the scopes in connector.toml.

use std::collections::BTreeSet;

use crate::call::rows::{Connector, Need, Scheme};

/// Returns the scopes of `scheme` that the connector's tools need, and the additional scopes in connector.toml.
///
/// If a tool has several alternatives with this scheme, the alternative that adds the fewest scopes is
/// chosen.
pub(crate) fn wanted<'a>(connector: &Connector<'a>, scheme: &Scheme<'a>) -> BTreeSet<&'a str> {
    let mut wanted: BTreeSet<&str> = scheme.client.scopes.iter().copied().collect();
    let mut choices = Vec::new();
    for tool in connector.tools() {
        let needs = tool.security.iter().flat_map(|needs| needs.iter());
        let needs: Vec<&Need<'_>> = needs.filter(|need| need.scheme == scheme.name).collect();
        match needs.as_slice() {
            [] => {}
            [only] => wanted.extend(only.scopes),
            _ => choices.push(needs),
        }
    }
    for needs in choices {
        let more = |need: &&&Need<'_>| need.scopes.iter().filter(|scope| !wanted.contains(*scope)).count();
        // If two alternatives add the same number of scopes, the first in the document is chosen.
        if let Some(least) = needs.iter().min_by_key(more) {
            wanted.extend(least.scopes);
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::args::{ArgError, Args};
    use crate::call::request::Request;
    use crate::call::rows::FlowKind;
    use crate::v1::{Client, Connector, Flow, Group, Need, Scheme, Tool};

    const fn bind(_: &Args, _: &mut Request) -> Result<(), ArgError> {
        Ok(())
    }

    static LIST: Tool = Tool::new("list", "GET", "/", bind).security(&[
        &[Need::scheme("oauth").scopes(&["books.all"])],
        &[Need::scheme("oauth").scopes(&["books.read"])],
    ]);
    static ADD: Tool = Tool::new("add", "POST", "/", bind).security(&[
        &[Need::scheme("oauth").scopes(&["books.read", "books.write"])],
        &[Need::scheme("key").scopes(&["not.ours"])],
    ]);
    static SHOP: Connector = Connector::new("shop").groups(&[Group::new("books", &[&LIST, &ADD])]).schemes(
        &[Scheme::oauth2("oauth")
            .flows(&[Flow::new(FlowKind::DeviceCode).scopes(&[
                "books.all",
                "books.read",
                "books.write",
                "admin",
            ])])
            .client(Client::new().scopes(&["offline_access"]))],
    );

    #[test]
    fn login_requests_only_the_scopes_that_tools_need() {
        let wanted: Vec<&str> = wanted(&SHOP, &SHOP.schemes[0]).into_iter().collect();
        assert_eq!(wanted, ["books.read", "books.write", "offline_access"]);
    }
}
