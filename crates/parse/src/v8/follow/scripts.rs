//! Records of scripts, and of the places of code in them.

use super::Follower;
use crate::made_code;
use crate::v8::code_map::{Code, CodeKind};
use crate::v8::fields::{unescape, whole_decimal, whole_hex};
use crate::v8::lines::CodeLines;
use crate::v8::records::source_info;
use crate::v8::resolve::Resolver;
use spikeflame_profile::{Frame, plain_path};

impl Follower {
    pub(super) fn source_info(&mut self, fields: &[u8]) -> Option<()> {
        self.mark_script(fields);
        self.place(fields);
        let sfis = &self.sfis;
        if self.resolver.scripts.is_some() {
            let read = CodeLines::parse(fields, |address| sfis.get(&address).copied());
            if let Some((start, code)) = read
                && let Some(Code { what: CodeKind::Function { lines, .. }, .. }) =
                    self.resolver.codes.starting_at(start)
            {
                *lines = Some(Box::new(code));
            }
        }
        if fields.ends_with(b",") {
            return Some(());
        }
        let (start, inlining) = source_info(fields, |address| sfis.get(&address).copied())?;
        if let Some(Code { what: CodeKind::Function { frame, inlining: slot, .. }, .. }) =
            self.resolver.codes.starting_at(start)
        {
            let function = self.resolver.frames.get(*frame).function;
            self.resolver.sites.inlined_into(function, &inlining.chains);
            *slot = Some(Box::new(inlining));
        }
        Some(())
    }

    /// Gives code that was made while the program ran the number of its script, which follows the
    /// record of the code.
    fn mark_script(&mut self, fields: &[u8]) -> Option<()> {
        let mut fields = fields.split(|&b| b == b',');
        let (start, script) = (whole_hex(fields.next()?)?, whole_decimal(fields.next()?)?);
        let (last, sfi) = self.last_code;
        let Resolver { frames, codes, .. } = &mut self.resolver;
        let code = codes.starting_at(start).filter(|_| start == last)?;
        let CodeKind::Function { frame, .. } = &mut code.what else { return None };
        let old = frames.get(*frame);
        let function = made_code::of_script(old.function, script, frames);
        *frame = frames.frame(Frame { function, ..old });
        self.sfis.insert(sfi, function);
        Some(())
    }

    /// Notes the place in its script of the function whose code was added last.
    pub(super) fn place(&mut self, fields: &[u8]) -> Option<()> {
        let mut fields = fields.split(|&b| b == b',');
        let (last, sfi) = self.last_code;
        whole_hex(fields.next()?).filter(|&start| start == last)?;
        let function = *self.sfis.get(&sfi)?;
        let mut number = || whole_decimal(fields.next()?);
        let (script, from, to) = (number()?, number()?, number()?);
        let place = (u32::try_from(from).ok()?, u32::try_from(to).ok()?);
        self.resolver.sites.texts.add_function(function, script, place);
        Some(())
    }

    pub(super) fn script_text(&mut self, fields: &[u8]) -> Option<()> {
        self.times.text(fields.len());
        let mut fields = fields.splitn(3, |&b| b == b',');
        let (id, text) = (fields.next()?, fields.nth(1)?);
        self.resolver.sites.texts.add_script(whole_decimal(id)?, text);
        Some(())
    }

    pub(super) fn script_source(&mut self, fields: &[u8]) -> Option<()> {
        let mut fields = fields.splitn(3, |&b| b == b',');
        let (id, url, text) = (fields.next()?, fields.next()?, fields.next()?);
        let (url, text) = (unescape(url), unescape(text));
        if let Some(scripts) = &mut self.resolver.scripts {
            scripts.add(whole_decimal(id)?, &url, &text);
        }
        // V8 writes `<unknown>` for a script without a name.
        let is_made = matches!(url.as_str(), "" | "<unknown>") || made_code::is_made(&url);
        let name = Some(&text).filter(|_| is_made).and_then(|text| made_code::source_url(text));
        let url = match name.map(|name| plain_path(name).into_owned()) {
            Some(name) => {
                self.script_names.insert(whole_decimal(id)?, name.clone());
                name
            }
            None => url,
        };
        self.scripts.add(&url, text);
        Some(())
    }
}
