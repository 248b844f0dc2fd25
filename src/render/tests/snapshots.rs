use super::*;

#[test]
fn every_format_draws_the_hard_sample() {
    let report = hard_sample();
    for format in Format::ALL {
        let text = drawn(format, &report);
        match format {
            Format::Human => insta::assert_snapshot!(text, @r#"
            Values of *all*
            key   value
            a|b   漢字 ␛[31m
            pool  `x`␊y

            - no list
            12. no list either
            fine

            root
            ├─ branch
            │  └─ leaf
            └─ <last>

            a: |
              ```
            	b␛[2J

            --- a/x
            +++ b/x
            @@ -1 +1 @@
            -a
            +b
             c

            error[removed-option]: the value `漢字` is none of the 100% known ones
             --> config/ä b%,.yaml:1:7
              |
            1 | name: "漢字 %|`"
              |       ^^^^^^^^^^ not | one of them
              |
             ::: schema.yaml:4:5 (at v1.0.0)
              |
            4 | /     enum:
            5 | |       - a
              | |_________- said here
              |
             ::: empty.yaml (in the index): empty <b>
              = help: run `git strata set name=a`
                      or ask @someone about #1
              = fix: write `a`

            warning[risky-value]: ]]> ␛[2J<img src=x> [a](https://example.com/)
                ::error::not a command
             --> config/ä b%,.yaml:2:2
              |
            2 |     key: ␛[31m]]><U+202E>
              |     ^^^^^^^^^^^^^^^^^^^^^

            info[unused-layer]: nothing | here
             --> config/ä b%,.yaml:4:1

            error[removed-option]: the file is empty
             --> empty.yaml (in the index)

            2 errors, 1 warning, 1 info
            "#),
            Format::Json => insta::assert_snapshot!(text, @r#"
            {
              "schema": "strata.check/1",
              "revision": "main",
              "findings": [
                {
                  "rule": "removed-option",
                  "severity": "error",
                  "message": "the value `漢字` is none of the 100% known ones",
                  "location": {
                    "file": "config/ä b%,.yaml",
                    "revision": null,
                    "line": 1,
                    "column": 7,
                    "end_line": 1,
                    "end_column": 15,
                    "start": 6,
                    "end": 18,
                    "pointer": "/name",
                    "label": "not | one of them"
                  },
                  "related": [
                    {
                      "file": "schema.yaml",
                      "revision": "v1.0.0",
                      "line": 4,
                      "column": 5,
                      "end_line": 6,
                      "end_column": 3,
                      "start": 41,
                      "end": 59,
                      "pointer": "/properties/name/enum",
                      "label": "said here"
                    },
                    {
                      "file": "empty.yaml",
                      "revision": "index",
                      "line": 1,
                      "column": 1,
                      "end_line": 1,
                      "end_column": 1,
                      "start": 0,
                      "end": 0,
                      "pointer": null,
                      "label": "empty <b>"
                    }
                  ],
                  "help": "run `git strata set name=a`\nor ask @someone about #1",
                  "fix": {
                    "description": "write `a`",
                    "file": "config/ä b%,.yaml",
                    "revision": null,
                    "replacements": [
                      {
                        "start": 6,
                        "end": 18,
                        "text": "\"a\""
                      }
                    ]
                  }
                },
                {
                  "rule": "risky-value",
                  "severity": "warning",
                  "message": "]]> \u001b[2J<img src=x> [a](https://example.com/)\n::error::not a command",
                  "location": {
                    "file": "config/ä b%,.yaml",
                    "revision": null,
                    "line": 2,
                    "column": 2,
                    "end_line": 2,
                    "end_column": 16,
                    "start": 21,
                    "end": 37,
                    "pointer": null,
                    "label": ""
                  },
                  "related": [],
                  "help": null,
                  "fix": null
                },
                {
                  "rule": "unused-layer",
                  "severity": "info",
                  "message": "nothing | here",
                  "location": {
                    "file": "config/ä b%,.yaml",
                    "revision": null,
                    "line": 4,
                    "column": 1,
                    "end_line": 4,
                    "end_column": 1,
                    "start": 9000,
                    "end": 9001,
                    "pointer": null,
                    "label": "past the end"
                  },
                  "related": [],
                  "help": null,
                  "fix": null
                },
                {
                  "rule": "removed-option",
                  "severity": "error",
                  "message": "the file is empty",
                  "location": {
                    "file": "empty.yaml",
                    "revision": "index",
                    "line": 1,
                    "column": 1,
                    "end_line": 1,
                    "end_column": 1,
                    "start": 0,
                    "end": 0,
                    "pointer": null,
                    "label": ""
                  },
                  "related": [],
                  "help": null,
                  "fix": null
                }
              ],
              "body": {
                "answer": "ä|`"
              },
              "summary": {
                "error": 2,
                "warning": 1,
                "info": 1
              }
            }
            "#),
            Format::Sarif => insta::assert_snapshot!(text, @r#"
            {
              "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
              "version": "2.1.0",
              "runs": [
                {
                  "tool": {
                    "driver": {
                      "name": "git-strata",
                      "semanticVersion": "0.1.0",
                      "rules": [
                        {
                          "id": "removed-option",
                          "shortDescription": {
                            "text": "an option is gone"
                          },
                          "defaultConfiguration": {
                            "level": "error"
                          },
                          "help": {
                            "text": "An option that a file sets is gone from the schema.\n",
                            "markdown": "An option that a file sets is gone from the schema.\n"
                          }
                        },
                        {
                          "id": "risky-value",
                          "shortDescription": {
                            "text": "a value is risky"
                          },
                          "defaultConfiguration": {
                            "level": "warning"
                          }
                        },
                        {
                          "id": "unused-layer",
                          "shortDescription": {
                            "text": "a layer sets nothing"
                          },
                          "defaultConfiguration": {
                            "level": "note"
                          }
                        }
                      ]
                    }
                  },
                  "automationDetails": {
                    "id": "git-strata/check/"
                  },
                  "invocations": [
                    {
                      "executionSuccessful": true
                    }
                  ],
                  "originalUriBaseIds": {
                    "%SRCROOT%": {
                      "description": {
                        "text": "the root of the repository"
                      }
                    }
                  },
                  "columnKind": "unicodeCodePoints",
                  "results": [
                    {
                      "ruleId": "removed-option",
                      "ruleIndex": 0,
                      "level": "error",
                      "message": {
                        "text": "the value `漢字` is none of the 100% known ones\nhelp: run `git strata set name=a`\nor ask @someone about #1"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "config/%C3%A4%20b%25%2C.yaml",
                              "uriBaseId": "%SRCROOT%"
                            },
                            "region": {
                              "startLine": 1,
                              "startColumn": 7,
                              "endLine": 1,
                              "endColumn": 15
                            }
                          },
                          "logicalLocations": [
                            {
                              "fullyQualifiedName": "/name",
                              "name": "name"
                            }
                          ]
                        }
                      ],
                      "partialFingerprints": {
                        "ruleAndPointer/v1": "7dcf3a31a23fb6399c91b77749df60ac:1",
                        "primaryLocationLineHash": "7dcf3a31a23fb6399c91b77749df60ac:1"
                      },
                      "relatedLocations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "schema.yaml",
                              "uriBaseId": "%SRCROOT%"
                            },
                            "region": {
                              "startLine": 4,
                              "startColumn": 5,
                              "endLine": 6,
                              "endColumn": 3
                            }
                          },
                          "logicalLocations": [
                            {
                              "fullyQualifiedName": "/properties/name/enum",
                              "name": "enum"
                            }
                          ],
                          "properties": {
                            "revision": "v1.0.0"
                          },
                          "id": 1,
                          "message": {
                            "text": "said here"
                          }
                        },
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "empty.yaml",
                              "uriBaseId": "%SRCROOT%"
                            }
                          },
                          "properties": {
                            "revision": "index"
                          },
                          "id": 2,
                          "message": {
                            "text": "empty <b>"
                          }
                        }
                      ],
                      "fixes": [
                        {
                          "description": {
                            "text": "write `a`"
                          },
                          "artifactChanges": [
                            {
                              "artifactLocation": {
                                "uri": "config/%C3%A4%20b%25%2C.yaml",
                                "uriBaseId": "%SRCROOT%"
                              },
                              "replacements": [
                                {
                                  "deletedRegion": {
                                    "startLine": 1,
                                    "startColumn": 7,
                                    "endLine": 1,
                                    "endColumn": 15
                                  },
                                  "insertedContent": {
                                    "text": "\"a\""
                                  }
                                }
                              ]
                            }
                          ]
                        }
                      ]
                    },
                    {
                      "ruleId": "risky-value",
                      "ruleIndex": 1,
                      "level": "warning",
                      "message": {
                        "text": "]]> \u001b[2J<img src=x> [a] (https://example.com/)\n::error::not a command"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "config/%C3%A4%20b%25%2C.yaml",
                              "uriBaseId": "%SRCROOT%"
                            },
                            "region": {
                              "startLine": 2,
                              "startColumn": 2,
                              "endLine": 2,
                              "endColumn": 16
                            }
                          }
                        }
                      ],
                      "partialFingerprints": {
                        "ruleAndPointer/v1": "edbafaed63f7237499b0d1ae5690a400:1",
                        "primaryLocationLineHash": "edbafaed63f7237499b0d1ae5690a400:1"
                      }
                    },
                    {
                      "ruleId": "unused-layer",
                      "ruleIndex": 2,
                      "level": "note",
                      "message": {
                        "text": "nothing | here"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "config/%C3%A4%20b%25%2C.yaml",
                              "uriBaseId": "%SRCROOT%"
                            },
                            "region": {
                              "startLine": 4,
                              "startColumn": 1,
                              "endLine": 4,
                              "endColumn": 1
                            }
                          }
                        }
                      ],
                      "partialFingerprints": {
                        "ruleAndPointer/v1": "3b3efac933d15acc389e442c948302d4:1",
                        "primaryLocationLineHash": "3b3efac933d15acc389e442c948302d4:1"
                      }
                    },
                    {
                      "ruleId": "removed-option",
                      "ruleIndex": 0,
                      "level": "error",
                      "message": {
                        "text": "the file is empty"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "empty.yaml",
                              "uriBaseId": "%SRCROOT%"
                            }
                          },
                          "properties": {
                            "revision": "index"
                          }
                        }
                      ],
                      "partialFingerprints": {
                        "ruleAndPointer/v1": "469b3f25bdfa87cc89edcf7a40d3aac2:1",
                        "primaryLocationLineHash": "469b3f25bdfa87cc89edcf7a40d3aac2:1"
                      }
                    }
                  ]
                }
              ]
            }
            "#),
            Format::Junit => insta::assert_snapshot!(text, @r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="git-strata" tests="4" failures="3" errors="0" skipped="0">
              <testsuite name="strata.check" tests="4" failures="3" errors="0" skipped="0">
                <testcase classname="config/ä b%,.yaml" name="removed-option /name">
                  <failure type="removed-option" message="the value `漢字` is none of the 100% known ones">error[removed-option]: the value `漢字` is none of the 100% known ones
              --&gt; config/ä b%,.yaml:1:7: not | one of them
              ::: schema.yaml:4:5 (at v1.0.0): said here
              ::: empty.yaml (in the index): empty &lt;b&gt;
              = help: run `git strata set name=a`
            or ask @someone about #1
              = fix: write `a`</failure>
                </testcase>
                <testcase classname="config/ä b%,.yaml" name="risky-value line 2">
                  <failure type="risky-value" message="]]&gt; ␛[2J&lt;img src=x&gt; [a](https://example.com/)&#10;::error::not a command">warning[risky-value]: ]]&gt; ␛[2J&lt;img src=x&gt; [a](https://example.com/)
            ::error::not a command
              --&gt; config/ä b%,.yaml:2:2</failure>
                </testcase>
                <testcase classname="config/ä b%,.yaml" name="unused-layer line 4">
                  <system-out>info[unused-layer]: nothing | here
              --&gt; config/ä b%,.yaml:4:1: past the end</system-out>
                </testcase>
                <testcase classname="empty.yaml" name="removed-option">
                  <failure type="removed-option" message="the file is empty">error[removed-option]: the file is empty
              --&gt; empty.yaml (in the index)</failure>
                </testcase>
              </testsuite>
            </testsuites>
            "#),
            Format::Markdown => insta::assert_snapshot!(text, @r#"
            ## git strata check

            **2 errors, 1 warning, 1 info** (at main)

            ### Values of \*all\*

            | key | value |
            | --- | --- |
            | a\|b | 漢字 ␛\[31m |
            | pool | \`x\` y |

            \- no list
            12\. no list either
            fine

            - root
              - branch
                - leaf
              - &lt;last&gt;

            ````yaml
            a: |
              ```
            	b␛[2J
            ````

            ```diff
            --- a/x
            +++ b/x
            @@ -1 +1 @@
            -a
            +b
             c
            ```

            ### Findings

            - **error** `removed-option` at `config/ä b%,.yaml:1:7` (not \| one of them): the value \`漢字\` is none of the 100% known ones
              - see `schema.yaml:4:5 (at v1.0.0)` (said here)
              - see `empty.yaml (in the index)` (empty &lt;b&gt;)
              - help: run \`git strata set name=a\` or ask @&#8203;someone about #&#8203;1
              - fix: write \`a\`
            - **warning** `risky-value` at `config/ä b%,.yaml:2:2`: \]\]&gt; ␛\[2J&lt;img src=x&gt; \[a\](https&#58;//example.com/) ::error::not a command
            - **info** `unused-layer` at `config/ä b%,.yaml:4:1` (past the end): nothing \| here
            - **error** `removed-option` at `empty.yaml (in the index)`: the file is empty
            "#),
            Format::Html => insta::assert_snapshot!(without_style(&text), @r#"
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width" />
            <title>git strata check</title>

            </head>
            <body>
            <h1>git strata check</h1>
            <p class="tally">2 errors, 1 warning, 1 info (at main)</p>
            <h2>Values of *all*</h2>
            <div class="scroll">
            <table>
            <thead>
            <tr><th>key</th><th>value</th></tr>
            </thead>
            <tbody>
            <tr><td>a|b</td><td>漢字 ␛[31m</td></tr>
            <tr><td>pool</td><td>`x`␊y</td></tr>
            </tbody>
            </table>
            </div>
            <p>- no list<br />
            12. no list either<br />
            fine</p>
            <ul>
            <li>root<ul>
            <li>branch<ul>
            <li>leaf</li>
            </ul>
            </li>
            <li>&lt;last&gt;</li>
            </ul>
            </li>
            </ul>
            <pre>a: |
              ```
            	b␛[2J</pre>
            <pre><span class="removed">--- a/x</span>
            <span class="added">+++ b/x</span>
            @@ -1 +1 @@
            <span class="removed">-a</span>
            <span class="added">+b</span>
             c</pre>
            <h2>Findings</h2>
            <details>
            <summary><strong class="error">error</strong> [removed-option] the value `漢字` is none of the 100% known ones <code>config/ä b%,.yaml:1:7</code></summary>
            <pre>error[removed-option]: the value `漢字` is none of the 100% known ones
             --&gt; config/ä b%,.yaml:1:7
              |
            1 | name: &quot;漢字 %|`&quot;
              |       ^^^^^^^^^^ not | one of them
              |
             ::: schema.yaml:4:5 (at v1.0.0)
              |
            4 | /     enum:
            5 | |       - a
              | |_________- said here
              |
             ::: empty.yaml (in the index): empty &lt;b&gt;
              = help: run `git strata set name=a`
                      or ask @someone about #1
              = fix: write `a`
              = note: an option is gone
              = note: for more, run `git strata explain removed-option`</pre>
            </details>
            <details>
            <summary><strong class="warning">warning</strong> [risky-value] ]]&gt; ␛[2J&lt;img src=x&gt; [a](https://example.com/)␊::error::not a command <code>config/ä b%,.yaml:2:2</code></summary>
            <pre>warning[risky-value]: ]]&gt; ␛[2J&lt;img src=x&gt; [a](https://example.com/)
                ::error::not a command
             --&gt; config/ä b%,.yaml:2:2
              |
            2 |     key: ␛[31m]]&gt;&lt;U+202E&gt;
              |     ^^^^^^^^^^^^^^^^^^^^^
              |
              = note: a value is risky
              = note: for more, run `git strata explain risky-value`</pre>
            </details>
            <details>
            <summary><strong class="info">info</strong> [unused-layer] nothing | here <code>config/ä b%,.yaml:4:1</code></summary>
            <pre>info[unused-layer]: nothing | here
             --&gt; config/ä b%,.yaml:4:1
              |
            4 |
              | ^ past the end
              |
              = note: a layer sets nothing
              = note: for more, run `git strata explain unused-layer`</pre>
            </details>
            <details>
            <summary><strong class="error">error</strong> [removed-option] the file is empty <code>empty.yaml (in the index)</code></summary>
            <pre>error[removed-option]: the file is empty
             --&gt; empty.yaml (in the index)
              = note: an option is gone
              = note: for more, run `git strata explain removed-option`</pre>
            </details>
            </body>
            </html>
            "#),
            Format::Github => insta::assert_snapshot!(text, @r#"
            ::error file=config/ä b%25%2C.yaml,line=1,endLine=1,col=7,endColumn=15,title=removed-option::the value `漢字` is none of the 100%25 known ones%0Aschema.yaml:4:5 (at v1.0.0): said here%0Aempty.yaml (in the index): empty <b>%0Ahelp: run `git strata set name=a`%0Aor ask @someone about #1
            ::warning file=config/ä b%25%2C.yaml,line=2,endLine=2,col=2,endColumn=16,title=risky-value::]]> ␛[2J<img src=x> [a](https://example.com/)%0A::error::not a command
            ::notice file=config/ä b%25%2C.yaml,line=4,endLine=4,col=1,endColumn=1,title=unused-layer::nothing | here
            ::error file=empty.yaml,title=removed-option::the file is empty (in the index)
            "#),
            Format::Gitlab => insta::assert_snapshot!(text, @r#"
            [
              {
                "description": "the value `漢字` is none of the 100% known ones",
                "check_name": "removed-option",
                "fingerprint": "7dcf3a31a23fb6399c91b77749df60ac:1",
                "severity": "major",
                "location": {
                  "path": "config/ä b%,.yaml",
                  "lines": {
                    "begin": 1,
                    "end": 1
                  }
                }
              },
              {
                "description": "]]> \u001b[2J<img src=x> [a](https://example.com/)\n::error::not a command",
                "check_name": "risky-value",
                "fingerprint": "edbafaed63f7237499b0d1ae5690a400:1",
                "severity": "minor",
                "location": {
                  "path": "config/ä b%,.yaml",
                  "lines": {
                    "begin": 2,
                    "end": 2
                  }
                }
              },
              {
                "description": "nothing | here",
                "check_name": "unused-layer",
                "fingerprint": "3b3efac933d15acc389e442c948302d4:1",
                "severity": "info",
                "location": {
                  "path": "config/ä b%,.yaml",
                  "lines": {
                    "begin": 4,
                    "end": 4
                  }
                }
              },
              {
                "description": "the file is empty",
                "check_name": "removed-option",
                "fingerprint": "469b3f25bdfa87cc89edcf7a40d3aac2:1",
                "severity": "major",
                "location": {
                  "path": "empty.yaml",
                  "lines": {
                    "begin": 1,
                    "end": 1
                  }
                }
              }
            ]
            "#),
        }
    }
}

#[test]
fn every_format_says_that_all_is_well() {
    let report = Report::new(None, Vec::new(), Body::default());
    for format in Format::ALL {
        let text = drawn(format, &report);
        match format {
            Format::Human => insta::assert_snapshot!(text, @r#"no findings"#),
            Format::Json => insta::assert_snapshot!(text, @r#"
            {
              "schema": "strata.check/1",
              "revision": null,
              "findings": [],
              "body": {
                "answer": ""
              },
              "summary": {
                "error": 0,
                "warning": 0,
                "info": 0
              }
            }
            "#),
            Format::Sarif => insta::assert_snapshot!(text, @r#"
            {
              "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
              "version": "2.1.0",
              "runs": [
                {
                  "tool": {
                    "driver": {
                      "name": "git-strata",
                      "semanticVersion": "0.1.0",
                      "rules": []
                    }
                  },
                  "automationDetails": {
                    "id": "git-strata/check/"
                  },
                  "invocations": [
                    {
                      "executionSuccessful": true
                    }
                  ],
                  "originalUriBaseIds": {
                    "%SRCROOT%": {
                      "description": {
                        "text": "the root of the repository"
                      }
                    }
                  },
                  "columnKind": "unicodeCodePoints",
                  "results": []
                }
              ]
            }
            "#),
            Format::Junit => insta::assert_snapshot!(text, @r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="git-strata" tests="1" failures="0" errors="0" skipped="0">
              <testsuite name="strata.check" tests="1" failures="0" errors="0" skipped="0">
                <testcase classname="strata.check" name="no findings">
                  <system-out>looked for: removed-option, risky-value</system-out>
                </testcase>
              </testsuite>
            </testsuites>
            "#),
            Format::Markdown => insta::assert_snapshot!(text, @r#"
            ## git strata check

            **no findings**
            "#),
            Format::Html => assert!(
                text.contains("<p class=\"tally\">no findings</p>"),
                "{text}"
            ),
            Format::Github => assert_eq!(text, ""),
            Format::Gitlab => assert_eq!(text, "[]\n"),
        }
    }
}

/// Takes the style out of a page.
fn without_style(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    format!("{head}{rest}")
}
