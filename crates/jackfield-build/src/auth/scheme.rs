//! Applies the choices about one scheme.

use jackfield_model::{Flow, FlowKind, Location, Scheme, SchemeKind, WireName};

use crate::manifest::{Manifest, Refusal, SchemeChoice};

/// Changes the scheme with this name, or declares it.
pub(super) fn choose(
    manifest: &Manifest,
    name: &str,
    choice: &SchemeChoice,
    schemes: &mut Vec<Scheme>,
) -> Result<(), Refusal> {
    let refuse = |problem: String, help: &str| Err(Refusal::new(choice.span.clone(), problem, help));
    if let Some(other) = &choice.rename
        && (schemes.iter().any(|scheme| scheme.name.as_str() == other)
            || manifest.auth.schemes.iter().any(|(key, it)| key != name && it.rename == choice.rename))
    {
        return refuse(format!("`{other}` is the name of another scheme"), "choose another name");
    }
    let mut scheme = match schemes.iter().find(|scheme| scheme.name.as_str() == name) {
        Some(declared) => Scheme { kind: settle(declared, choice)?, ..declared.clone() },
        None => {
            let Some(kind) = choice.kind else {
                let problem = format!("no security scheme is called `{name}`{}", there_are(schemes));
                return refuse(problem, "correct the name, or set `type` to declare a new scheme here");
            };
            let place = choice.location.zip(choice.wire.as_deref());
            let Some(kind) = kind.kind(place) else {
                return refuse(
                    format!("the API key `{name}` has no location"),
                    "set the location with `in = \"header\"` and `name = \"X-Key\"`",
                );
            };
            Scheme::new(WireName::from(name), manifest.place(choice.span.clone()), kind)
        }
    };
    if let Some((key, help)) = misfit(&scheme.kind, choice) {
        let what = scheme.kind.as_str().unwrap_or("an unsupported HTTP scheme");
        return refuse(format!("`{key}` does not apply to `{name}`, which is {what}"), help);
    }
    scheme.prefix.clone_from(&choice.prefix);
    scheme.commands.clone_from(&choice.commands);
    scheme.client.clone_from(&choice.client);
    scheme.metadata = choice.metadata.clone().or(scheme.metadata);
    if let Some(unused) = flows(&mut scheme.flows, choice) {
        return refuse(
            format!("no flow of `{name}` uses `{unused}`"),
            "remove this key, or add a flow with this endpoint to `flows`",
        );
    }
    match schemes.iter_mut().find(|declared| declared.name == scheme.name) {
        Some(declared) => *declared = scheme,
        None => schemes.push(scheme),
    }
    Ok(())
}

/// Returns the end of a message that lists the declared schemes.
pub(super) fn there_are(schemes: &[Scheme]) -> String {
    let names: Vec<String> = schemes.iter().map(|scheme| format!("`{}`", scheme.name)).collect();
    if names.is_empty() {
        "; the document declares none".to_owned()
    } else {
        format!("; there are {}", names.join(", "))
    }
}

/// Returns the type of a declared scheme. A rule in connector.toml can complete the declaration but not contradict it: it can give an
/// unsupported HTTP scheme a type, name the source of a bearer token, or set the location of an API key.
fn settle(declared: &Scheme, choice: &SchemeChoice) -> Result<SchemeKind, Refusal> {
    let place = match &declared.kind {
        SchemeKind::ApiKey { location, wire } => Some((
            choice.location.unwrap_or(*location),
            choice.wire.clone().unwrap_or_else(|| wire.to_string()),
        )),
        _ => choice.location.zip(choice.wire.clone()),
    };
    let place = place.as_ref().map(|(location, wire)| (*location, wire.as_str()));
    let chosen = match (choice.kind, &declared.kind) {
        (Some(chosen), _) => chosen.kind(place),
        (None, SchemeKind::ApiKey { .. }) => crate::manifest::SchemeType::ApiKey.kind(place),
        (None, kind) => Some(kind.clone()),
    };
    let refuse = |problem: String, help: &str| Err(Refusal::new(choice.span.clone(), problem, help));
    let Some(chosen) = chosen else {
        return refuse(
            format!("the API key `{}` has no location", declared.name),
            "set the location with `in = \"header\"` and `name = \"X-Key\"`",
        );
    };
    let fits = match (&declared.kind, &chosen) {
        (SchemeKind::Http(_), _) | (SchemeKind::Bearer, SchemeKind::OAuth2 | SchemeKind::OpenIdConnect) => {
            true
        }
        (declared, chosen) => declared.as_str() == chosen.as_str(),
    };
    if fits {
        return Ok(chosen);
    }
    refuse(
        format!(
            "the document declares `{}` as {}, but `type` is {}",
            declared.name,
            declared.kind.as_str().unwrap_or("another"),
            chosen.as_str().unwrap_or("another"),
        ),
        "remove `type`, or change the document with an overlay",
    )
}

/// Returns the first key that does not apply to schemes of this type, and the remedy.
fn misfit(kind: &SchemeKind, choice: &SchemeChoice) -> Option<(&'static str, &'static str)> {
    let is_key = matches!(kind, SchemeKind::ApiKey { .. });
    let in_header = match kind {
        SchemeKind::ApiKey { location, .. } => *location == Location::Header,
        SchemeKind::Bearer | SchemeKind::Basic | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => true,
        _ => false,
    };
    let has_flows = kind.is_oauth();
    let client = &choice.client;
    let only_keys = "remove this key: only API keys have a location and a name";
    let only_headers = "remove this key: only credentials in headers have a prefix";
    let only_oauth = "remove it, or set `type = \"oauth2\"` to get tokens with OAuth 2.0";
    let checks = [
        ("in", choice.location.is_some() && !is_key, only_keys),
        ("name", choice.wire.is_some() && !is_key, only_keys),
        ("prefix", choice.prefix.is_some() && !in_header, only_headers),
        ("flows", choice.flows.is_some() && !has_flows, only_oauth),
        ("authorization_url", choice.authorization.is_some() && !has_flows, only_oauth),
        ("device_url", choice.device.is_some() && !has_flows, only_oauth),
        ("token_url", choice.token.is_some() && !has_flows, only_oauth),
        ("refresh_url", choice.refresh.is_some() && !has_flows, only_oauth),
        ("metadata_url", choice.metadata.is_some() && !has_flows, only_oauth),
        ("client_id", client.id.is_some() && !has_flows, only_oauth),
        ("client_authentication", client.authentication != Default::default() && !has_flows, only_oauth),
        ("redirect_port", client.redirect_port.is_some() && !has_flows, only_oauth),
        ("resource", client.resource.is_some() && !has_flows, only_oauth),
        ("audience", client.audience.is_some() && !has_flows, only_oauth),
        ("scopes", !client.scopes.is_empty() && !has_flows, only_oauth),
    ];
    let key = checks.into_iter().find_map(|(key, is_wrong, help)| is_wrong.then_some((key, help)));
    key.or_else(|| {
        let stranger = choice.commands.iter().find(|command| !kind.fields().contains(&command.field))?;
        Some((stranger.field.as_str(), "remove this command, or let it print another credential"))
    })
}

/// Applies the flows and URLs that connector.toml sets for a scheme. If a URL belongs to no flow, returns the key of this URL for an error.
/// If the user lists `flows`, only those flows are used. Otherwise the flows of the document are used, and the flows to which the given
/// URLs belong.
fn flows(flows: &mut Vec<Flow>, choice: &SchemeChoice) -> Option<&'static str> {
    let mut wanted = choice.flows.clone().unwrap_or_default();
    if choice.flows.is_none() {
        let asks = flows.iter().find_map(|flow| flow.authorization.as_ref());
        let has_good = flows.iter().any(|flow| !flow.kind.is_unsafe());
        // The implicit flow has the authorization endpoint of the authorization code flow, but no token
        // endpoint.
        if choice.authorization.is_some() || (choice.token.is_some() && asks.is_some() && !has_good) {
            wanted.push(FlowKind::AuthorizationCode);
        }
        if choice.device.is_some() {
            wanted.push(FlowKind::DeviceCode);
        }
        if choice.token.is_some() && wanted.is_empty() && !has_good {
            wanted.push(FlowKind::ClientCredentials);
        }
    }
    let mut scopes: Vec<String> = flows.iter().flat_map(|flow| flow.scopes.clone()).collect();
    scopes.sort();
    scopes.dedup();
    let consent = flows.iter().find_map(|flow| flow.authorization.clone());
    let token = flows.iter().find_map(|flow| flow.token.clone());
    for kind in &wanted {
        if !flows.iter().any(|flow| flow.kind == *kind) {
            let authorization = consent.clone().filter(|_| *kind == FlowKind::AuthorizationCode);
            let scopes = scopes.clone();
            flows.push(Flow { authorization, token: token.clone(), scopes, ..Flow::new(*kind) });
        }
    }
    if !wanted.is_empty() {
        flows
            .retain(|flow| !flow.kind.is_unsafe() && (choice.flows.is_none() || wanted.contains(&flow.kind)));
    }
    flows.sort_by_key(|flow| flow.kind);
    unused(flows, choice)
}

/// Sets the URLs in the flows that use them, and returns a URL key that no flow uses.
fn unused(flows: &mut [Flow], choice: &SchemeChoice) -> Option<&'static str> {
    let (code, device) = (FlowKind::AuthorizationCode, FlowKind::DeviceCode);
    let put = |flows: &mut [Flow], address: &Option<String>, of: &[FlowKind], place: Place| {
        let takers = flows.iter_mut().filter(|flow| of.contains(&flow.kind));
        address.is_none() || takers.map(|flow| place(flow).clone_from(address)).count() > 0
    };
    let addresses: [(_, _, &[FlowKind], Place); 4] = [
        ("authorization_url", &choice.authorization, &[code], |flow| &mut flow.authorization),
        ("device_url", &choice.device, &[device], |flow| &mut flow.device),
        ("token_url", &choice.token, &[code, device, FlowKind::ClientCredentials], |flow| &mut flow.token),
        ("refresh_url", &choice.refresh, &[code, device], |flow| &mut flow.refresh),
    ];
    let mut unused = addresses.into_iter().filter(|(_, address, of, place)| !put(flows, address, of, *place));
    unused.next().map(|(key, ..)| key)
}

/// Returns a reference to one of a flow's URLs.
type Place = fn(&mut Flow) -> &mut Option<String>;
