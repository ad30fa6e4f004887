// Command xunshi-audit exports the audit log of a service, and verifies it and the
// receipts of counties and cities offline.
//
//	xunshi-audit pubkey --service rectification --key-file audit.key
//	xunshi-audit export --dsn-file job.dsn --out log.jsonl
//	xunshi-audit verify --key 'rectification.xunshi+…' --from checkpoints --export log.jsonl
//	xunshi-audit verify-receipt --key '…' --receipt receipt.jws --content request.json --proof receipt.json
//
// verify needs nothing but the public key, checkpoints that were kept outside of the
// database, and the export. It must not talk to anybody.
package main
