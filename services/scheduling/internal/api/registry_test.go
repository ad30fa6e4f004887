package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

const header = "code,name,level,parent,townships,villages\n"

// TestEveryProvinceLoads loads the divisions of all 31 provinces and reads them
// back (art. 1); loading them again changes nothing.
func TestEveryProvinceLoads(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	codes := strings.Fields("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65")
	var counties int32
	for _, code := range codes {
		csv := divisions(t, code)
		first := w.importRegistry(code, csv, "2023-01-01")
		again := w.importRegistry(code, csv, "2024-01-01")
		equal(t, code+" again", changes(again), [4]int32{})
		p := do(w.registry().GetProvince(w.as("LEADING_GROUP provinces/"+code+" x"),
			&schedulingv1.GetProvinceRequest{Name: "provinces/" + code}))(t)
		if p.GetCityCount() != first.GetCityAddedCount() || p.GetCountyCount() != first.GetCountyAddedCount() ||
			p.GetCountyCount() != int32(strings.Count(csv, ",county,")) {
			t.Errorf("%s: added %v, has %v", code, first, p)
		}
		counties += p.GetCountyCount()
	}
	if counties != 2854 {
		t.Errorf("%d counties in all, want 2854", counties)
	}
}

func changes(r *schedulingv1.ImportRegistryResponse) [4]int32 {
	return [4]int32{r.GetCityAddedCount(), r.GetCountyAddedCount(), r.GetRenamedCount(), r.GetSupervisionChangedCount()}
}

func (w *world) countyOn(token, county, today string) *schedulingv1.County {
	w.t.Helper()
	w.at(today)
	return do(w.registry().GetCounty(w.as(token), &schedulingv1.GetCountyRequest{Name: county}))(w.t)
}

// TestSupervisionIsDated: whose committee leads a county's is a fact of a day
// (domain.md §6.3), and on the day it changes the one city gains what the other
// loses.
func TestSupervisionIsDated(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	const cities = header + "510000,四川省,province,,,\n510100,成都市,city,510000,,\n510300,自贡市,city,510000,,\n"
	w.importRegistry("51", cities+"510104,锦江区,county,510100,11,76\n510185,简阳市,county,510000,,\n", "2023-01-01")
	direct := w.countyOn(office, sichuan+"/counties/510185", "2026-01-15")
	if direct.GetCity() != "" || text(direct.GetSupervisedSince()) != "2023-01-01" {
		t.Errorf("directly administered: %v", direct)
	}
	moved := w.importRegistry("51", cities+"510104,锦江新区,county,510300,12,76\n", "2026-07-01")
	equal(t, "changes", changes(moved), [4]int32{0, 0, 1, 1})

	if c := w.countyOn(city, jinjiang, "2026-06-30"); c.GetCity() != chengdu || c.GetTownshipCount() != 12 {
		t.Errorf("the day before: %v", c)
	}
	zigong := "CITY_COMMITTEE provinces/51/cities/510300 zigong"
	if c := w.countyOn(zigong, jinjiang, "2026-07-01"); c.GetCity() != sichuan+"/cities/510300" ||
		text(c.GetSupervisedSince()) != "2026-07-01" || c.GetDisplayName() != "锦江新区" {
		t.Errorf("on the day: %v", c)
	}
	_, err := w.registry().GetCounty(w.as(city), &schedulingv1.GetCountyRequest{Name: jinjiang})
	refused(t, err, "NOT_FOUND")

	// The same day with another city puts the record right; an earlier one cannot.
	right := w.importRegistry("51", cities+"510104,锦江新区,county,510100,12,76\n", "2026-07-01")
	equal(t, "correction", changes(right), [4]int32{0, 0, 0, 1})
	_, err = w.registry().ImportRegistry(w.as(office), &schedulingv1.ImportRegistryRequest{
		Name: sichuan, Csv: cities + "510104,锦江新区,county,510300,12,76\n",
		EffectiveDate: day(t, "2026-06-30"), RequestId: requestID(),
	})
	equal(t, "lines", lines(refused(t, err, "REGISTRY_LINE_INVALID").Fields), []string{"csv[5] EFFECTIVE_DATE_TOO_EARLY"})
}

// TestEveryFaultyLineIsNamed: nothing of a faulty file is stored, and all its
// lines are told at once.
func TestEveryFaultyLineIsNamed(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	rows := []struct{ line, reason string }{
		{"510000,四川省,province,,,", ""},
		{"510100,成都市,city,510000,,", ""},
		{"51010,短,county,510100,,", "CODE_INVALID"},
		{"440100,广州市,city,440000,,", "PROVINCE_FOREIGN"},
		{"510104,锦江区,town,510100,,", "LEVEL_INVALID"},
		{"510100,成都市,city,510000,,", "DUPLICATE"},
		{"510105, 青羊区,county,510100,,", "NAME_INVALID"},
		{"510106,金牛区,county,440100,,", "PARENT_INVALID"},
		{"510107,武侯区,county,510100,-1,", "COUNT_INVALID"},
		{"510108,成华区,county,510100", "COLUMNS_INVALID"},
		{`510109,"x,county,510100,,`, "CSV_INVALID"},
		{"510112,龙泉驿区,county,510100,12,129", ""},
	}
	csv, want := header, []string(nil)
	for n, r := range rows {
		csv += r.line + "\n"
		if r.reason != "" {
			want = append(want, fmt.Sprintf("csv[%d] %s", n+2, r.reason))
		}
	}
	request := func(csv string) *schedulingv1.ImportRegistryRequest {
		return &schedulingv1.ImportRegistryRequest{
			Name: sichuan, Csv: csv, EffectiveDate: day(t, "2023-01-01"), RequestId: requestID(),
		}
	}
	_, err := w.registry().ImportRegistry(w.as(office), request(csv))
	equal(t, "lines", lines(refused(t, err, "REGISTRY_LINE_INVALID").Fields), want)

	_, err = w.registry().ImportRegistry(w.as(office), request("code,name\n"))
	equal(t, "header", lines(refused(t, err, "REGISTRY_LINE_INVALID").Fields), []string{"csv[1] HEADER_INVALID"})
	_, err = w.registry().ImportRegistry(w.as(office), request(header+"510104,锦江区,county,519900,,\n"))
	equal(t, "references", lines(refused(t, err, "REGISTRY_LINE_INVALID").Fields),
		[]string{"csv[1] PROVINCE_MISSING", "csv[2] PARENT_UNKNOWN"})
	_, err = w.registry().GetProvince(w.as(office), &schedulingv1.GetProvinceRequest{Name: sichuan})
	refused(t, err, "NOT_FOUND")
}

// TestValidateOnlyStoresNothing: a dry run tells the same and leaves no trace.
func TestValidateOnlyStoresNothing(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	r := do(w.registry().ImportRegistry(w.as(office), &schedulingv1.ImportRegistryRequest{
		Name: sichuan, Csv: divisions(t, "51"), EffectiveDate: day(t, "2023-01-01"), ValidateOnly: true, RequestId: requestID(),
	}))(t)
	equal(t, "would change", changes(r), [4]int32{21, 183, 0, 0})
	_, err := w.registry().GetProvince(w.as(office), &schedulingv1.GetProvinceRequest{Name: sichuan})
	refused(t, err, "NOT_FOUND")
}

// TestCountiesPageByCode: pages meet without gap or overlap, and a token is good
// for its own query only.
func TestCountiesPageByCode(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	w.importRegistry("51", divisions(t, "51"), "2023-01-01")
	req := &schedulingv1.ListCountiesRequest{Parent: sichuan, PageSize: 70}
	var names []string
	for {
		page := do(w.registry().ListCounties(w.as(leading), req))(t)
		for _, c := range page.GetCounties() {
			names = append(names, c.GetName())
		}
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			break
		}
		_, err := w.registry().ListCities(w.as(leading), &schedulingv1.ListCitiesRequest{Parent: sichuan, PageToken: req.PageToken})
		refused(t, err, "PAGE_TOKEN_MISMATCH")
	}
	if len(names) != 183 || !slices.IsSorted(names) || len(slices.Compact(names)) != 183 {
		t.Errorf("%d counties in pages", len(names))
	}
	own := do(w.registry().ListCounties(w.as(city), &schedulingv1.ListCountiesRequest{Parent: sichuan, PageSize: 200}))(t)
	if len(own.GetCounties()) != 20 || slices.ContainsFunc(own.GetCounties(), func(c *schedulingv1.County) bool {
		return c.GetCity() != chengdu
	}) {
		t.Errorf("Chengdu sees %d counties (art. 15)", len(own.GetCounties()))
	}
	cities := do(w.registry().ListCities(w.as(city), &schedulingv1.ListCitiesRequest{Parent: sichuan}))(t).GetCities()
	if len(cities) != 1 || cities[0].GetName() != chengdu {
		t.Errorf("Chengdu sees the cities %v", cities)
	}
	self := do(w.registry().ListCounties(w.as(county), &schedulingv1.ListCountiesRequest{Parent: sichuan}))(t).GetCounties()
	if len(self) != 1 || self[0].GetName() != jinjiang || self[0].GetCity() != chengdu {
		t.Errorf("Jinjiang sees the counties %v", self)
	}
}
