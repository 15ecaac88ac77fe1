//! Command lines without their secrets, for `run.json` and messages.

mod names;
mod values;

use names::{first_secret, is_name};
use values::{is_port, masked, without_keys, without_password};

/// Options whose value is `USER:PASSWORD` in load generators and in clients of servers.
const USER_OPTIONS: [&str; 8] =
    ["-u", "--user", "-U", "--proxy-user", "-a", "-A", "-P", "--http-user"];
/// Programs whose option `-p` is a password, also in the same word: `mysql -pSECRET`.
const PASSWORD_PROGRAMS: [&str; 14] = [
    "sshpass",
    "mysql",
    "mysqladmin",
    "mysqldump",
    "mysqlimport",
    "mysqlslap",
    "mariadb",
    "mariadb-admin",
    "mariadb-dump",
    "mongo",
    "mongosh",
    "mongodump",
    "mongorestore",
    "mongoimport",
];
/// Programs whose option `-p` is known not to be a password.
const OTHER_PROGRAMS: [&str; 8] = ["ab", "cp", "install", "mkdir", "node", "tar", "tsc", "rsync"];
/// Other options of one letter whose value is a secret, with their programs.
const OPTIONS_OF_PROGRAMS: [(&str, &[&str]); 4] = [
    ("-a", &["redis-cli", "redis-benchmark", "valkey-cli", "jmeter"]),
    ("-b", &["curl"]),
    ("-C", &["ab"]),
    ("-w", &["ldapsearch", "ldapmodify"]),
];
/// Returns a command line in which `***` replaces the secrets that can be recognised: values whose
/// option, variable, header, field or parameter has a name like a secret, passwords within
/// addresses, and keys that their form shows, such as JSON Web Tokens. Other secrets stay. White
/// space within a word may become a space.
pub(crate) fn redacted(command: &[String]) -> Vec<String> {
    let mut reader = Reader { state: State::Plain, program: "" };
    command
        .iter()
        .map(|word| {
            // One word may hold a whole command line, as in `sh -c "..."`, or a header. The value of
            // an option may contain spaces.
            let is_whole = word.starts_with('-') && first_secret(word).is_some();
            let parts: Vec<&str> = if is_whole {
                vec![word.as_str()]
            } else {
                word.split(char::is_whitespace).collect()
            };
            let mut shown = Vec::with_capacity(parts.len());
            for part in parts {
                if let Some(text) = reader.read(part) {
                    shown.push(text);
                }
            }
            // A quote does not go on in the next word, but a name may have its value there.
            if matches!(reader.state, State::Until(_) | State::Escaped | State::Named) {
                reader.state = State::Plain;
            }
            shown.join(" ")
        })
        .collect()
}

/// The part of a command line that is hidden next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    /// The next part is a secret.
    Next,
    /// The next part is a secret, unless it is a port, a variable or an option.
    Perhaps,
    /// The next part is `USER:PASSWORD`.
    User,
    /// The last part was the name of a secret. Its value comes when `=` or `:` follows.
    Named,
    /// All parts up to one that ends with this quote are secrets.
    Until(char),
    /// The next part belongs to a secret, because a backslash stands before the space.
    Escaped,
}

/// The place in a command line.
struct Reader {
    state: State,
    /// The last program of the lists above that was named.
    program: &'static str,
}

impl Reader {
    /// Reads a part. Returns the text to show in its place, if any.
    fn read(&mut self, part: &str) -> Option<String> {
        let text = part.trim_start_matches(['\'', '"']);
        match std::mem::replace(&mut self.state, State::Plain) {
            State::Until(quote) => {
                if !part.ends_with(quote) {
                    self.state = State::Until(quote);
                }
                return None;
            }
            State::Escaped => {
                self.hide(part);
                return None;
            }
            State::Next if !text.starts_with('-') => {
                // The scheme of `Authorization: Bearer abc` is no secret.
                let bare = part.trim_matches(['\'', '"']).to_lowercase();
                match matches!(bare.as_str(), "bearer" | "basic" | "") {
                    true => self.state = State::Next,
                    false => self.hide(part),
                }
                return Some("***".to_owned());
            }
            State::Perhaps
                if !text.starts_with(['-', '$']) && !text.is_empty() && !is_ports(text) =>
            {
                self.hide(part);
                return Some("***".to_owned());
            }
            State::User if part.contains(':') && !part.contains("://") => {
                let at = part.find(':').unwrap_or_default();
                let (user, password) = part.split_at_checked(at).unwrap_or((part, ""));
                if !is_port(password) || !user.contains('.') {
                    self.hide(part);
                    return Some(format!("{user}:***"));
                }
            }
            State::Named if text.starts_with(['=', ':']) => {
                match text.len() {
                    1 => self.state = State::Next,
                    _ => self.hide(part),
                }
                return Some(if text.len() == 1 { part.to_owned() } else { "=***".to_owned() });
            }
            _ => {}
        }
        self.note_program(text);
        if let Some(shown) = self.option(part, text) {
            return Some(shown);
        }
        let (shown, is_open) = masked(part);
        let is_hidden = shown != part;
        if is_hidden {
            self.hide(part);
        }
        if self.state == State::Plain && is_open {
            self.state = State::Next;
        } else if self.state == State::Plain && !is_hidden && is_name(text) {
            self.state = State::Named;
        }
        Some(without_password(&without_keys(&shown)))
    }

    /// Hides the rest of a secret that began in this part.
    fn hide(&mut self, part: &str) {
        self.state = match open_quote(part) {
            Some(quote) => State::Until(quote),
            None if part.ends_with('\\') => State::Escaped,
            None => State::Plain,
        };
    }

    /// Remembers a program that gives options of one letter a meaning of its own.
    fn note_program(&mut self, text: &str) {
        let name = text.rsplit(['/', ';', '&', '|', '(', '`']).next().unwrap_or_default();
        let name = name.trim_matches(['\'', '"', ')']);
        let lists = OPTIONS_OF_PROGRAMS.iter().map(|(_, programs)| *programs);
        let mut known = [&PASSWORD_PROGRAMS[..], &OTHER_PROGRAMS[..]].into_iter().chain(lists);
        if let Some(found) = known.find_map(|list| list.iter().find(|one| **one == name)) {
            self.program = found;
        }
    }

    /// Reads an option. Returns the text to show when the option holds its secret itself.
    fn option(&mut self, part: &str, text: &str) -> Option<String> {
        if !text.starts_with('-') {
            return None;
        }
        let bare = text.trim_end_matches(['\'', '"']);
        let of_program = |(option, programs): &(&'static str, &[&str])| {
            programs.contains(&self.program).then_some(*option)
        };
        let is_password = PASSWORD_PROGRAMS.contains(&self.program);
        let secret = OPTIONS_OF_PROGRAMS.iter().find_map(of_program);
        let secret = secret.or(is_password.then_some("-p"));
        if let Some(option) = secret.filter(|option| text.starts_with(option)) {
            if bare == option {
                self.state = State::Next;
                return None;
            }
            self.hide(part);
            return Some(format!("{option}***"));
        }
        if bare == "-p" && !OTHER_PROGRAMS.contains(&self.program) {
            self.state = State::Perhaps;
        } else if !text.contains(['=', ':']) && first_secret(text).is_some() {
            self.state = State::Next;
        } else if USER_OPTIONS.contains(&bare) {
            self.state = State::User;
        } else if let Some((user, _)) = text.split_once(':').filter(|_| is_user(text)) {
            self.hide(part);
            return Some(format!("{user}:***"));
        }
        None
    }
}

/// Returns true for an option and its value `USER:PASSWORD` in one word.
fn is_user(text: &str) -> bool {
    let attached = ["-u", "-U", "-A"].iter().any(|option| text.starts_with(option));
    let with_sign = ["--user=", "--proxy-user=", "--http-user="];
    (attached || with_sign.iter().any(|option| text.starts_with(option))) && !text.contains("://")
}

/// Returns true for a port, and for the pairs of ports and addresses that containers are given.
fn is_ports(text: &str) -> bool {
    let text = text.trim_end_matches(['\'', '"']);
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'-'))
}

/// Returns the quote that a part opens and does not close.
fn open_quote(part: &str) -> Option<char> {
    let quote = part.chars().find(|c| matches!(c, '\'' | '"'))?;
    (part.matches(quote).count() % 2 == 1).then_some(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_a_command_line_are_left_out() {
        let words = |text: &str| -> Vec<String> { text.split('|').map(str::to_owned).collect() };
        for (plain, hidden) in [
            ("node|main.js|--port=3000", "node|main.js|--port=3000"),
            ("node|--db-password=x y", "node|--db-password=***"),
            ("node main.js --password=a,b;c&d --n 1", "node main.js --password=*** --n 1"),
            ("node|--token|abc|--port|1", "node|--token|***|--port|1"),
            ("k6 run -e API_KEY=abc spike.js", "k6 run -e API_KEY=*** spike.js"),
            ("curl -H Authorization:Bearer", "curl -H Authorization:***"),
            ("mysql://shop:pw@db:3306/x", "mysql://shop:***@db:3306/x"),
            (
                "curl -H 'Authorization: Bearer abc def' http://x",
                "curl -H 'Authorization:*** http://x",
            ),
            (
                "curl|-H|Authorization: Bearer abc|http://x",
                "curl|-H|Authorization:*** *** ***|http://x",
            ),
            ("curl -u admin:pw http://x", "curl -u admin:*** http://x"),
            ("hey http://x/?id=1&api_key=abc&n=2", "hey http://x/?id=1&api_key=***&n=2"),
            (r#"{"user":"a","password":"x","n":1}"#, r#"{"user":"a","password":***,"n":1}"#),
            ("A_SECRET=x B=1 ./spike.sh --users 3", "A_SECRET=*** B=1 ./spike.sh --users 3"),
            ("node tokenizer.js --max-tokens 5", "node tokenizer.js --max-tokens ***"),
            ("curl --cookie 'sid=a b' x", "curl --cookie *** x"),
            (
                "node|a.js|--passes|3|--author=me|--design=1|--monkey|2|--sign-in=x",
                "node|a.js|--passes|3|--author=me|--design=1|--monkey|2|--sign-in=x",
            ),
            (
                "node passport.js --oauth=google --keys 3 ./auth/main.js",
                "node passport.js --oauth=google --keys 3 ./auth/main.js",
            ),
            ("curl -uadmin:pw http://x", "curl -uadmin:*** http://x"),
            ("k6 run http://auth:8080/x auth:80", "k6 run http://auth:8080/x auth:80"),
            ("mysql -h db -psecret shop", "mysql -h db -p*** shop"),
            ("mysql|-h|db|-psecret|shop", "mysql|-h|db|-p***|shop"),
            ("app -p 8080 && docker run -p 80:8080 x", "app -p 8080 && docker run -p 80:8080 x"),
            ("mkdir -p $RUN/x && tsc -p a.json", "mkdir -p $RUN/x && tsc -p a.json"),
            ("app -p secret", "app -p ***"),
            ("app -p $PORT", "app -p $PORT"),
            ("oha -a me:pw -n 5 http://x:80/", "oha -a me:*** -n 5 http://x:80/"),
            ("autocannon -a 10 -c 5 http://x:80/y", "autocannon -a 10 -c 5 http://x:80/y"),
            ("scp a root@host:/x && npm i x@1.2.3", "scp a root@host:/x && npm i x@1.2.3"),
            ("node --bypass 3 --compass=x", "node --bypass 3 --compass=x"),
            ("git clone ssh://git@host/x", "git clone ssh://git@host/x"),
            ("echo eyJ; node sk-test.js", "echo eyJ; node sk-test.js"),
            ("echo password; node secret-agent.js 5", "echo password; node secret-agent.js 5"),
        ] {
            assert_eq!(redacted(&words(plain)), words(hidden), "{plain}");
        }
    }

    #[test]
    fn a_planted_value_is_shown_nowhere() {
        for line in [
            "curl -H 'X-Api-Key: planted' x",
            "curl -H \"Cookie: sid=planted; b=planted\" x",
            "DB_PASSWORD='planted planted' node x",
            "k6 run --env TOKEN=planted x",
            "ab --auth-token planted http://x/?secret=planted",
            "wrk http://u:planted@host/?access_token=planted",
            "autocannon -b {\"client_secret\":\"planted\"} x",
            "PASS=planted x",
            "DB_PWD=planted x",
            "PRIVATE_KEY=planted x",
            "AUTH=planted x",
            "DB_PASS_1=planted x",
            "node x --jwt=planted",
            "node x --signing-key planted",
            "node x --pass planted",
            "node x --db-pass=planted",
            "node x --userPass=planted",
            "node x --bearer planted",
            "curl -uadmin:planted x",
            "hey http://x/?sig=planted&n=1",
            "hey http://x/?X-Amz-Signature=planted",
            "mysql -uroot -pplanted shop",
            "mysql -uroot '-pplanted planted' shop",
            "/usr/bin/mysqldump -u root -p'planted planted' shop",
            "sh -c \"cd /x;mysql -pplanted\"",
            "sshpass -p planted ssh host",
            "docker login -u me -p planted",
            "redis-cli -a planted ping",
            "curl -b sid=planted x",
            "ab -C sid=planted -A me:planted -P me:planted http://x/",
            "curl --user=me:planted -U me:planted --proxy-user me:planted x",
            "curl -u 'me:planted planted' x",
            "curl -x me:planted@proxy:8080 http://x/",
            "npm i https://planted0123456789abcdef@host/x",
            "k6 run -e X=https://a:planted@host,https://b:planted@other s.js",
            "node x --token\tplanted",
            "node x\n--password\nplanted",
            "node x \"--token\" \"planted\"",
            "node x --password my\\ planted",
            "autocannon -b '{\"password\" : \"planted\"}' x",
            "DBPASS=planted MYSQLPWD=planted x",
            "keytool -storepass planted -list",
            "curl -H X: ghp_planted0123456789",
            "curl -d eyJhbGciOiJIUzI1NiJ9.planted.x9 x",
        ] {
            let shown = redacted(&[line.to_owned()]).join(" ");
            assert!(!shown.contains("planted"), "{shown}");
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert!(!redacted(&words).join(" ").contains("planted http"), "{line}");
        }
    }
}
