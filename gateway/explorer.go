package gateway

import (
	"net/http"

	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"

	"github.com/xunshi/xunshi/gen/openapi"
)

// Where the document and the page are.
const (
	documentPath = "/openapi.json"
	explorerPath = "/docs/"
)

// addExplorer serves the merged OpenAPI document and a page to try it, whole
// from this binary: no browser fetches anything from elsewhere.
func addExplorer(mux *http.ServeMux) {
	mux.HandleFunc("GET "+documentPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(openapi.Document) // the client is gone if this fails
	})
	mux.Handle("GET "+explorerPath, v5emb.NewHandlerWithConfig(swgui.Config{
		Title:       "xunshi",
		SwaggerJSON: documentPath,
		BasePath:    explorerPath,
	}))
}
