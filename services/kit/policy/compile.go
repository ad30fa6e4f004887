package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// healthService tells whether a process lives, and nothing about its data. It is
// not ours to annotate.
const healthService = "grpc.health.v1.Health"

func compileAll(services []protoreflect.ServiceDescriptor) (map[string]Rule, []error) {
	var (
		rules = make(map[string]Rule)
		errs  []error
	)
	article := regexp.MustCompile(`^\d{1,2}(\(\d\))*$`)
	for _, service := range services {
		if service.FullName() == healthService {
			continue
		}
		methods := service.Methods()
		for i := range methods.Len() {
			c := compiler{method: methods.Get(i), article: article}
			rule := c.compile()
			rules[rule.method] = rule
			errs = append(errs, c.errs...)
		}
	}
	return rules, errs
}

// compiler turns the option of one method into a rule and collects the faults.
type compiler struct {
	method  protoreflect.MethodDescriptor
	article *regexp.Regexp
	errs    []error
}

func (c *compiler) failf(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("policy of %s: %w", c.method.FullName(), fmt.Errorf(format, args...)))
}

func (c *compiler) compile() Rule {
	rule := Rule{method: fullMethod(c.method)}
	access := accessOf(c.method)
	if access == nil {
		c.failf("the option (xunshi.policy.v1.access) is missing")
		return rule
	}
	rule.scopes = c.grants(access.GetAllow())
	rule.field = access.GetResourceField()
	rule.articles = slices.Clone(access.GetArticles())
	rule.audited = access.GetAuditedRead()
	rule.receipt = access.GetReceipt()
	if rule.receipt && c.method.Input().Fields().ByName("request_id") == nil {
		c.failf("a receipt is for a write, and the request has no request_id")
	}
	c.checkField(rule.field)
	c.checkArticles(rule.articles)
	return rule
}

func (c *compiler) grants(allow []*policyv1.Grant) map[principal.Party]Scope {
	scopes := make(map[principal.Party]Scope)
	if len(allow) == 0 {
		c.failf("no grant")
	}
	for i, g := range allow {
		scope := scopeOf(g.GetScope())
		if scope == ScopeNone {
			c.failf("grant %d has no scope", i)
		}
		if len(g.GetParties()) == 0 {
			c.failf("grant %d has no party", i)
		}
		for _, p := range g.GetParties() {
			party := partyOf(p)
			if !party.Known() {
				c.failf("grant %d has the party %s, which does not exist", i, p)
			}
			if _, twice := scopes[party]; twice {
				c.failf("%s is granted twice", party) // which scope holds must not depend on the order
			}
			scopes[party] = scope
		}
	}
	return scopes
}

func (c *compiler) checkArticles(articles []string) {
	if len(articles) == 0 {
		c.failf("no article")
	}
	for _, a := range articles {
		if !c.article.MatchString(a) {
			c.failf("article %q does not have a form like 12(2)", a)
		}
	}
}

// checkField makes sure that stringAt will find the resource field.
func (c *compiler) checkField(path string) {
	m := c.method.Input()
	names := strings.Split(path, ".")
	for i, name := range names {
		f := m.Fields().ByName(protoreflect.Name(name))
		last := i == len(names)-1
		switch {
		case f == nil:
			c.failf("resource_field %q: %s has no field %q", path, m.FullName(), name)
			return
		case f.IsList() || f.IsMap():
			c.failf("resource_field %q: %s is repeated", path, f.FullName())
			return
		case last && f.Kind() != protoreflect.StringKind:
			c.failf("resource_field %q: %s is not a string", path, f.FullName())
			return
		case !last && f.Message() == nil:
			c.failf("resource_field %q: %s is not a message", path, f.FullName())
			return
		}
		m = f.Message()
	}
}

func accessOf(m protoreflect.MethodDescriptor) *policyv1.Access {
	if !proto.HasExtension(m.Options(), policyv1.E_Access) {
		return nil
	}
	access, _ := proto.GetExtension(m.Options(), policyv1.E_Access).(*policyv1.Access)
	return access
}

func fullMethod(m protoreflect.MethodDescriptor) string {
	return fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())
}
