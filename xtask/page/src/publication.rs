//! What a page says about where it is and where it comes from.

use setup::Project;

/// Addresses that only whoever publishes the page knows.
#[derive(Debug, Default, Clone)]
pub struct Addresses {
    /// Where the page will be, for the picture in previews of links; a relative address if there is none.
    pub address: Option<String>,
    /// Where its repository is shown, for links to the source; no such links if there is none.
    pub source: Option<String>,
}

/// The marks of `index.html` that tell a page's origin, filled in.
#[derive(Debug, Default)]
pub struct Publication {
    address: String,
    revision: String,
    source: String,
}

impl Publication {
    /// That of a page that is built from this checkout.
    pub fn of(project: &Project, addresses: &Addresses) -> Self {
        let with_slash = |address: &String| format!("{}/", address.trim_end_matches('/'));
        let revision = project.revision(12);
        let link = |source: &String| source_link(source.trim_end_matches('/'), &revision);
        Self {
            address: addresses.address.as_ref().map(with_slash).unwrap_or_default(),
            source: addresses.source.as_ref().map(link).unwrap_or_default(),
            revision,
        }
    }

    /// Each mark and what stands there instead.
    pub fn marks(&self) -> [(&'static str, &str); 3] {
        [("@ADDRESS@", &self.address), ("@REVISION@", &self.revision), ("@SOURCE@", &self.source)]
    }
}

fn source_link(source: &str, revision: &str) -> String {
    let commit = revision.trim_end_matches("-dirty");
    let escaped = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    format!(r#"<a href="{}/tree/{}" target="_blank" rel="noopener">Source</a> ·"#, escaped(source), escaped(commit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_the_source_names_the_commit_and_stays_a_link() {
        let link = source_link("https://example.org/a\"b", "0123456789ab-dirty");
        assert_eq!(
            link,
            r#"<a href="https://example.org/a&quot;b/tree/0123456789ab" target="_blank" rel="noopener">Source</a> ·"#
        );
    }

    #[test]
    fn without_addresses_links_are_relative_and_there_is_none_to_the_source() {
        let publication = Publication::of(&Project::here(), &Addresses::default());
        let [address, revision, source] = publication.marks().map(|(_, value)| value);
        assert_eq!((address, source), ("", ""));
        assert!(!revision.is_empty());
    }
}
