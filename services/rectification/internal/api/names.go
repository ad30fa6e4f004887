package api

import (
	"github.com/xunshi/xunshi/services/kit/resourcename"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// The patterns of the names that this service makes or is given.
var (
	provinceName      = resourcename.Must("provinces/{province}")
	countyName        = resourcename.Must("provinces/{province}/counties/{county}")
	cityName          = resourcename.Must("provinces/{province}/cities/{city}")
	inspectionName    = resourcename.Must("provinces/{province}/inspections/{inspection}")
	reportOfGroupName = resourcename.Must("provinces/{province}/inspectionReports/{report}")
	findingName       = resourcename.Must("provinces/{province}/caseFiles/{case_file}/findings/{finding}")
	decisionName      = resourcename.Must("provinces/{province}/decisions/{decision}")
	feedbackName      = resourcename.Must("provinces/{province}/feedbacks/{feedback}")
	deliveryName      = resourcename.Must("provinces/{province}/deliveries/{delivery}")
	rectificationName = resourcename.Must("provinces/{province}/rectifications/{rectification}")
	planName          = resourcename.Must("provinces/{province}/rectifications/{rectification}/plan")
	planVersionName   = resourcename.Must("provinces/{province}/rectifications/{rectification}/plan/versions/{version}")
	reportVersionName = resourcename.Must("provinces/{province}/rectifications/{rectification}/report/versions/{version}")
	reviewName        = resourcename.Must("provinces/{province}/rectifications/{rectification}/reviews/{review}")
	listsName         = resourcename.Must("provinces/{province}/rectifications/{rectification}/lists")
	reportName        = resourcename.Must("provinces/{province}/rectifications/{rectification}/report")
	immediateName     = resourcename.Must("provinces/{province}/immediateRectifications/{immediate_rectification}")
	guidanceName      = resourcename.Must("provinces/{province}/rectifications/{rectification}/cityGuidances/{city_guidance}")
	cityMeasureName   = resourcename.Must("provinces/{province}/rectifications/{rectification}/cityMeasures/{city_measure}")
	documentName      = resourcename.Must("provinces/{province}/rectifications/{rectification}/documents/{document}")
	itemName          = resourcename.Must("provinces/{province}/rectifications/{rectification}/items/{item}")
)

// nameOf writes a name of a province's object, empty where there is no object.
func nameOf(p *resourcename.Pattern, province, id string) string {
	if id == "" {
		return ""
	}
	return p.Format(province, id)
}

func inspectionOf(p domain.Place) string { return nameOf(inspectionName, p.Province, p.Inspection) }
func countyOf(p domain.Place) string     { return nameOf(countyName, p.Province, p.County) }
func cityOf(p domain.Place) string       { return nameOf(cityName, p.Province, p.City) }
