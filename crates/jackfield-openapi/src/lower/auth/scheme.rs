//! The security schemes that a document declares.

use jackfield_model::{Code, Diagnostic, Location, Scheme, SchemeKind};
use openapiv3::{APIKeyLocation, SecurityScheme};

use super::flow::{Lost, Reader};
use super::prefix;
use crate::dialect::{Dialect, swagger2};
use crate::document::Node;
use crate::lower::text::is_token;

/// The HTTP scheme name of AWS signatures. Documents of Amazon API Gateway declare signatures as API keys.
const SIGV4: &str = "AWS4-HMAC-SHA256";

/// Returns the declared schemes, sorted by name. Relative URLs are resolved against `base`.
pub(crate) fn schemes(
    root: &Node<'_>,
    dialect: Dialect,
    base: Option<&str>,
    lost: &mut Vec<Lost>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Scheme> {
    let declared = match dialect {
        Dialect::Swagger2 => root.get("securityDefinitions"),
        _ => root.get("components").and_then(|components| components.get("securitySchemes")),
    };
    let mut schemes = Vec::new();
    for (name, node) in declared.iter().flat_map(Node::entries) {
        if name.starts_with("x-") {
            continue;
        }
        let found = node.resolve().map_err(|dangling| dangling.problem);
        match found.and_then(|node| Ok((kind(&node, dialect)?, node))) {
            Ok((kind, node)) => schemes.push(scheme(name, kind, &node, base, lost)),
            Err(problem) => diagnostics.push(
                Diagnostic::warning(Code::MalformedSecurity, node.place(), problem)
                    .so("the scheme is treated as if it were not declared")
                    .help("write it as OpenAPI's Security Scheme Object"),
            ),
        }
    }
    schemes.sort_by(|a, b| a.name.cmp(&b.name));
    schemes
}

fn scheme(name: &str, kind: SchemeKind, node: &Node<'_>, base: Option<&str>, lost: &mut Vec<Lost>) -> Scheme {
    let mut scheme = Scheme::new(name.into(), node.place(), kind);
    scheme.description = node.text("description").map(prefix::telling_sentence).unwrap_or_default();
    let mut reader = Reader { scheme: &scheme.name, base, lost };
    let metadata = match scheme.kind {
        SchemeKind::OAuth2 => {
            scheme.flows = reader.flows(node);
            Some("oauth2MetadataUrl")
        }
        SchemeKind::OpenIdConnect => Some("openIdConnectUrl"),
        _ => None,
    };
    scheme.metadata = metadata.and_then(|key| reader.address(node, key, "metadata_url", None));
    scheme
}

fn kind(node: &Node<'_>, dialect: Dialect) -> Result<SchemeKind, String> {
    let Some(kind) = node.text("type") else {
        return Err("this security scheme has no `type`".to_owned());
    };
    match kind {
        "mutualTLS" => return Ok(SchemeKind::MutualTls),
        // Flows are parsed one by one, so that a malformed flow does not affect the other flows.
        "oauth2" => return Ok(SchemeKind::OAuth2),
        "openIdConnect" => return Ok(SchemeKind::OpenIdConnect),
        "apiKey" if signs_like_aws(node) => return Ok(SchemeKind::Http(SIGV4.into())),
        _ => {}
    }
    let written = match (dialect, node.as_object()) {
        (Dialect::Swagger2, Some(map)) => swagger2::scheme(map),
        _ => node.value().clone(),
    };
    let scheme: SecurityScheme =
        serde_json::from_value(written).map_err(|error| format!("malformed security scheme: {error}"))?;
    Ok(match scheme {
        SecurityScheme::APIKey {
            location: APIKeyLocation::Header | APIKeyLocation::Cookie, name, ..
        } if !is_token(&name) => {
            return Err(format!("{name:?} is not a valid name in this location"));
        }
        SecurityScheme::APIKey { location, name, .. } => SchemeKind::ApiKey {
            location: match location {
                APIKeyLocation::Query => Location::Query,
                APIKeyLocation::Header => Location::Header,
                APIKeyLocation::Cookie => Location::Cookie,
            },
            wire: name.as_str().into(),
        },
        SecurityScheme::HTTP { scheme, .. } => match scheme.to_ascii_lowercase().as_str() {
            "bearer" => SchemeKind::Bearer,
            "basic" => SchemeKind::Basic,
            "digest" => SchemeKind::Digest,
            // The spelling is kept, because a request may send the scheme's name before the token.
            _ => SchemeKind::Http(scheme.as_str().into()),
        },
        SecurityScheme::OAuth2 { .. } => SchemeKind::OAuth2,
        SecurityScheme::OpenIDConnect { .. } => SchemeKind::OpenIdConnect,
    })
}

fn signs_like_aws(node: &Node<'_>) -> bool {
    let said = node.text("x-amazon-apigateway-authtype");
    said.is_some_and(|said| said.eq_ignore_ascii_case("awsSigv4"))
}
