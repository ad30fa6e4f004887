// Package peers holds what the system is measured against: a service as one writes it
// with Fastify and TypeORM, and Directus as it comes. It owns their sources and the
// copy of the data that they work on. Nothing of it is part of the product.
package peers
