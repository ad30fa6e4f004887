// Command xunshi-audit exports the audit log of a service and verifies it offline.
//
//	xunshi-audit pubkey --service rectification --key-file audit.key
//	xunshi-audit export --dsn-file job.dsn --out log.jsonl
//	xunshi-audit verify --key 'rectification.xunshi+…' --from checkpoints --export log.jsonl
//
// verify needs nothing but the public key, checkpoints that were kept outside of the
// database, and the export. It must not talk to anybody.
package main
