//! The sources from which clients of the MCP Registry can get a connector.

use jackfield_ship::{Published, shows_registry_name};

use super::cargo::Package;
use super::facts::readme;
use crate::Failure;

#[derive(clap::Args, Debug)]
pub(super) struct PublishedOptions {
    /// Name the crate on crates.io in server.json
    #[arg(long = "crate", conflicts_with = "folder")]
    on_crates_io: bool,
    /// Name this container image, with its tag or digest, in server.json
    #[arg(long, value_name = "REFERENCE", value_parser = image)]
    image: Option<String>,
    /// Name the MCP bundle at this URL, among the releases of a repository, in server.json
    #[arg(long, value_name = "URL", value_parser = bundle_url)]
    bundle_url: Option<String>,
}

fn image(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | ':' | '@');
    let last = text.rsplit('/').next().unwrap_or_default();
    let has_host = text.split('/').next().is_some_and(|host| host.contains('.')) && text.contains('/');
    let has_tag = last.split_once([':', '@']).is_some_and(|(name, tag)| !name.is_empty() && !tag.is_empty());
    if has_host && has_tag && text.chars().all(is_plain) && !last.ends_with(":latest") {
        Ok(text.to_owned())
    } else {
        Err("it does not have a host, a repository and a tag or digest, as in ghcr.io/acme/bookshop:1.0.0"
            .to_owned())
    }
}

fn bundle_url(text: &str) -> Result<String, String> {
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@');
    if text.starts_with("https://") && text.contains("mcp") && is_plain {
        Ok(text.to_owned())
    } else {
        Err("the registry accepts only https:// URLs that contain `mcp`".to_owned())
    }
}

impl PublishedOptions {
    /// Returns the sources, in a fixed order.
    ///
    /// # Errors
    /// Returns an error if the crate cannot be published on crates.io, or the registry could not verify its owner.
    pub(super) fn places(
        &self,
        package: Option<&Package>,
        registry_name: Option<&str>,
    ) -> Result<Vec<Published>, Failure> {
        let mut places = Vec::new();
        if self.on_crates_io {
            let package = package.ok_or_else(|| {
                Failure::Other(
                    "--crate needs a crate: make one with `jackfield gen` in the folder".to_owned(),
                )
            })?;
            if !package.is_public() {
                return Err(Failure::Other(format!(
                    "{} cannot be on crates.io: remove `publish = false` from its Cargo.toml",
                    package.name()
                )));
            }
            if let Some(name) = registry_name
                && !shows_registry_name(&readme(package.folder()), name)
            {
                return Err(Failure::Other(format!(
                    "README.md lacks the line with which the registry verifies the owner of the crate. Add it, outside of comments:\n\n  \
                     mcp-name: {name}\n"
                )));
            }
            places.push(Published::Crate(package.name().to_owned()));
        }
        places.extend(self.image.clone().map(Published::Image));
        places.extend(self.bundle_url.clone().map(Published::Bundle));
        Ok(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_and_bundle_addresses_follow_the_rules_of_the_registry() {
        let digest = format!("ghcr.io/acme/shop@sha256:{}", "0".repeat(64));
        for text in ["ghcr.io/acme/shop:1.0.0", "docker.io/acme/shop:v1", &digest] {
            assert!(image(text).is_ok(), "{text}");
        }
        for text in
            ["shop", "acme/shop:1", "ghcr.io/acme/shop", "ghcr.io/acme/shop:latest", "https://ghcr.io/a:1 "]
        {
            assert!(image(text).is_err(), "{text}");
        }
        assert!(bundle_url("https://github.com/acme/shop/releases/download/v1/shop.mcpb").is_ok());
        for text in ["http://github.com/x.mcpb", "https://github.com/x.zip", "https://a@b/x.mcpb"] {
            assert!(bundle_url(text).is_err(), "{text}");
        }
    }
}
